"""tools/mutants.py: the slips that ./bootwire test --mutants makes, and those that it leaves alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools.mutants import KINDS, WHOLE, chosen, mutants, read  # noqa: E402
from tools.run_mutants import LIST, same_tree, shares  # noqa: E402


def made(source: str, *kinds: str) -> list[str]:
    """What becomes of a source of one line, or of the lines of a larger one."""
    return [mutant.after for mutant in mutants("a.cpp", source) if not kinds or mutant.kind in kinds]


def within(statement: str) -> str:
    return f"Status f() {{\n    {statement}\n    return {{}};\n}}\n"


@pytest.mark.parametrize("line, after", [
    ("if (ready(a)) go();", ["if (!(ready(a))) go();"]),
    ("if (a == b) go();", ["if (a != b) go();"]),
    ("ok = a != b;", ["ok = a == b;"]),
    ("ok = a && b;", ["ok = a || b;"]),
    ("ok = a || b;", ["ok = a && b;"]),
    ("if (auto s = f(); !s) go();", ["if (auto s = f(); !(!s)) go();"]),
    ("if (const auto* s = f(a)) go();", ["if (const auto* s = f(a); !s) go();"]),
    ("if constexpr (x) go();", []),
    ("void f(T&& t);", []),
])
def test_conditions_are_turned_round(line, after):
    assert made(line, "condition") == after


@pytest.mark.parametrize("line, after", [
    ("if (bad) return;", "if ((bad) && false) return;"),
    ("if (auto s = f(); !s) return s;", "if (auto s = f(); (!s) && false) return s;"),
    ("if (const auto s = f()) continue;", "if (const auto s = f(); s && false) continue;"),
    ("if (a ||\n        b) break;", "if ((a || b) && false) break;"),
    ("if (bad)\n        return x;", "if ((bad) && false)"),
    ("if (bad) {\n        log();\n        return fail(a,\n                    b);\n    }", "if ((bad) && false) {"),
])
def test_checks_are_dropped_and_what_they_call_is_called(line, after):
    assert made(within(line), "check") == [after]


@pytest.mark.parametrize("line", ["if (a) b = 1;", "if (a) {\n        if (b) c();\n    }", "while (a) return;"])
def test_what_does_not_leave_is_no_check(line):
    assert made(within(line), "check") == []


@pytest.mark.parametrize("line, after", [
    ("ok = a < b;", ["ok = a <= b;"]),
    ("ok = a >= b;", ["ok = a > b;"]),
    ("ok = a < 5;", ["ok = a <= 5;", "ok = a < 4;"]),
    ("ok = a > 0x0f;", ["ok = a >= 0x0f;", "ok = a > 0x10;"]),
    ("ok = a < 0;", ["ok = a <= 0;"]),
    ("n = a + 1;", ["n = a;"]),
    ("n = (a - 1) * b;", ["n = (a) * b;"]),
    ("std::vector<int> n; a->b(c << d, e <=> f);", []),
])
def test_boundaries_are_off_by_one(line, after):
    assert made(line, "boundary") == after


@pytest.mark.parametrize("line, after", [
    ("n = 7;", ["n = 8;"]),
    ("n = 0xff;", ["n = 0x100;"]),
    ("n = 1'000u;", ["n = 1001u;"]),
    ("n = true;", ["n = false;"]),
    ("return true;", ["return false;"]),
    ("n = f<3>(x1, 2.5, 010, 30s, 0x1p3);", []),
    ("uint8_t bytes[16];", []),
    ("alignas(event) char bytes[16];", []),
    ("say(printable(text(1), 80));", ["say(printable(text(2), 80));"]),
    ("n = a < 3;", []),
    ("n = a + 1;", []),
    ("static_assert(sizeof(a) == 3);", []),
])
def test_constants_are_off_by_one(line, after):
    assert made(line, "constant") == after


@pytest.mark.parametrize("line, after", [
    ("return fail(\"no\", a(b));", ["return {};"]),
    ("return std::unexpected(x.error());", ["return {};"]),
    ("return false;", ["return true;"]),
    ("return done;", []),
    ("if (a) return Problem::none; return Problem::wrong;", ["if (a) return Problem::none; return Problem::none;"]),
    ("return Colour::red;", []),
    ("std::unexpected<Error> odd(int a); return odd(1);", ["std::unexpected<Error> odd(int a); return {};"]),
])
def test_errors_become_success(line, after):
    assert made(line, "error") == after


@pytest.mark.parametrize("text", [
    "// if (a == 1) return false;",
    "/* if (a == 1)\n return false; */",
    '#define A(x) if (x == 1) \\\n    return false;',
    'say("if (a == 1) return false; \\" a < 2");',
    'say(R"(if (a == 1) return "false";)");',
    "say('1', '\\'', '2');",
])
def test_comments_and_quotes_are_left_alone(text):
    assert made(text) == []


def test_what_comes_after_a_separated_number_is_code():
    assert made("n = 0x1'0000; ok = c == '1';", "condition") == ["n = 0x1'0000; ok = c != '1';"]


def test_what_ends_processes_is_left_alone():
    source = "int a() {\n    return 1;\n}\n\nvoid stop(int p) {\n    if (p < 2) return;\n    kill(p, 9);\n}\n"
    assert made(source) == ["return 2;"]


def test_a_mutant_differs_in_its_place_alone():
    source = "bool f() {\n    // a < b\n    return  a < b;\n}\n"
    mutant, = mutants("src/a.cpp", source)
    assert (mutant.file, mutant.line, mutant.kind) == ("src/a.cpp", 3, "boundary")
    assert mutant.of(source) == "bool f() {\n    // a < b\n    return  a <= b;\n}\n"
    assert mutant.change == "return a < b; → return a <= b;"


SAMPLE = "\n".join(f"if (a{i} < {i}) return fail(); n = {i};" for i in range(20, 60))


def test_the_same_seed_makes_the_same_mutants():
    every = mutants("a.cpp", SAMPLE)
    assert chosen(every, "1", 30) == chosen(reversed(every), "1", 30)
    assert chosen(every, "1", 30) != chosen(every, "2", 30)


def test_as_many_of_each_kind_are_made_and_no_more_than_there_are():
    every = mutants("a.cpp", SAMPLE)
    assert [sum(mutant.kind == kind for mutant in chosen(every, "1", 30)) for kind in KINDS] == [6] * 5
    assert len(chosen(every, "1", 10000)) == len(every)


def test_each_part_has_its_share_and_one_at_least():
    assert shares({"iscsi": 1100, "disk": 900, "storage": 3}, 200) == {"iscsi": 110, "disk": 90, "storage": 1}


def test_the_list_is_read_by_file_and_change_whatever_signs_are_in_them():
    text = "# why\na.cpp | n = a | 1; → n = a | 2; | the bit is set before\n\n"
    assert read(text) == {("a.cpp", "n = a | 1; → n = a | 2;"): "the bit is set before"}


def test_each_mutant_of_the_list_has_a_reason_and_a_file():
    for (file, change), reason in read(LIST.read_text()).items():
        assert reason and (" → " in change or change == WHOLE) and (ROOT / file).is_file(), f"{file} | {change}"


def test_the_copy_gets_what_has_changed_and_loses_what_is_gone(tmp_path):
    root, copy = tmp_path / "root", tmp_path / "copy"
    for file in ("CMakeLists.txt", "src/a.cpp", "src/b.cpp"):
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(file)
    same_tree(root, copy)
    unchanged = (copy / "src/a.cpp").stat().st_mtime_ns
    (copy / "build").mkdir()
    (copy / "src/b.cpp").write_text("a mutant that an interrupt has left")
    (copy / "src/c.cpp").write_text("")
    same_tree(root, copy)
    assert sorted(path.name for path in (copy / "src").iterdir()) == ["a.cpp", "b.cpp"]
    assert (copy / "src/b.cpp").read_text() == "src/b.cpp"
    assert (copy / "src/a.cpp").stat().st_mtime_ns == unchanged
    assert (copy / "build").is_dir()
