"""kernel/left-out: what Debian's kernels have and ours has not, on the kernel that was built."""

from __future__ import annotations

from conftest import OUT

from lab.kernel_options import page, reasons
from lab.kernel_options.comparison import LEFT_OUT, README, Comparison

RENEW = "`python3 -m lab.kernel_options renew out $(kernel/build.sh --tree)` writes it anew"


def test_each_symbol_of_debians_kernels_is_in_ours_or_left_out_for_a_reason():
    compared = Comparison.of_build(OUT)
    assert len(compared.debian) > 7000, "out/debian-*.config are missing: build again"
    assert compared.findings(reasons.parse(LEFT_OUT.read_text())) == [], RENEW


def test_the_readme_tells_what_is_left_out():
    text = README.read_text()
    made = page.section(reasons.parse(LEFT_OUT.read_text()), Comparison.of_build(OUT).debian)
    assert page.put_into(text, made) == text, RENEW
