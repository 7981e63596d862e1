"""docs/hardware.md: boards and abilities, and how each of them is known."""

from __future__ import annotations

from lab.hardware import boards
from lab.hardware.check import Verdict
from lab.hardware.reports import Report

# What the lab runs, by board and ability.
EMULATED = {("3B", "boot"), ("4B", "boot"), ("4B", "EEPROM")}

HEAD = """\
# Boards

<!-- Made by lab/hardware from the kernel's build; edits here are lost. -->

What is known of each board, and how. {reported}

| board | {abilities} |
| --- |{rules}
"""

LEGEND = """
| | |
| --- | --- |
| **works** | somebody has seen it on that board: a report of theirs is in lab/hardware/reports |
| there | such a report says that a driver has it, not that it was used |
| emulated | the lab boots it: QEMU's raspi3b and raspi4b, with an adapter at USB in place of the board's own \
Ethernet, and of a Pi 4 without PCIe and what is behind it; its EEPROM is read, and an update of it prepared, while \
what the firmware does about it is played |
| checked | nobody has run it; each node of the device tree that it takes has a driver in `Image.gz`, and so \
have the clocks, regulators, resets, power domains, interrupts, pins and so on that these name |
| checked (`dwc2`) | the same, if config.txt has `dtoverlay=dwc2,dr_mode=peripheral` |
| other image | its driver is not in this build |
| no node | the device tree says nothing of it |
| no tree | there is no device tree for the board |
| **no driver** | what `./bootwire build` fails for |
| – | the board has none |

"boot" is all that is left when the other columns are taken off: CPUs, interrupts, clocks, pins, mailbox,
DMA, serial port, SD, PCIe, RP1, USB host, watchdog, random numbers, thermometer, LEDs.
"""

SETTLE = """
## Have a board?
On a Pi that bootwire has started:

    /run/bootwire/bootwirectl hardware-report >report.txt

The file tells model, revision, bootloader, kernel, which driver has which device, and whether network,
USB port, screen and watchdog are up; of a 3B also, if root asks, whether its boot ROM starts from the network
without a card. It has no serial number, no address, no name that somebody gave, no secret and no command
line; read it, it is short. Put into lab/hardware/reports, it turns the board's row
from "checked" to "works" where it says so.

## What the check can't know
- Whether a driver works: that voltages, clock rates, delays and strengths in a tree are right, or that a
  chip's revision is one that its driver knows.
- What the firmware changes in the tree before it starts the kernel: memory, reserved memory, the EEPROM's
  node, the mini UART's clock; on a Pi 3 also how CPUs are started.
- Chips that are found without the tree. It looks for drivers of those that a board is known to have:
  {chips}.
- Whether a driver insists on what a node names. The check does, everywhere but here: the clocks' manager
  names two displays' clocks that are disabled.
- The USB-C port of a Pi 5: its node comes with `dtoverlay=bootwire-pi5`, and nobody has seen it work. It is
  only looked at when `iscsi.mode=usb` or the help disk wants it; a boot that needs neither never touches it.

## What may be without a driver
{left_out}
"""


def _cell(verdict: Verdict | None, board: boards.Board, ability: str, reports: list[Report]) -> str:
    if ability in board.lacks:
        return "–"
    said = [report.ability(ability) for report in reports]
    if "works" in said:
        return "**works**"
    if "present" in said:
        return "there"
    if verdict is None:
        return "no tree"
    state = verdict.abilities[ability]
    if state == "no driver":
        return "other image" if ability == "Wi-Fi" else "**no driver**"
    if state:
        return state
    if (board.name, ability) in EMULATED:
        return "emulated"
    if ability == "USB device" and board.usb_device:
        return f"checked (`{board.usb_device}`)"
    return "checked"


def page(verdicts: dict[str, Verdict], reports: dict[str, list[Report]]) -> str:
    """By board's name: what the check says, and what was reported of it."""
    count = len({each.name for those in reports.values() for each in those})
    reported = f"Reports from real boards: {count}." if count else "Nobody has reported from a real board yet."
    text = HEAD.format(reported=reported, abilities=" | ".join(boards.ABILITIES),
                       rules=" --- |" * len(boards.ABILITIES))
    for board in boards.BOARDS:
        cells = [_cell(verdicts.get(board.name), board, ability, reports.get(board.name, []))
                 for ability in boards.ABILITIES]
        text += f"| {board.name} | {' | '.join(cells)} |\n"
    chips = sorted({chip.name for board in boards.BOARDS for chip in board.chips})
    left_out = sorted(set().union(*(verdict.left_out for verdict in verdicts.values())))
    names: dict[str, list[str]] = {}
    for reason in left_out:
        names[reason] = sorted(each for each, why in boards.LEFT_OUT.items() if why == reason)
    lines = "\n".join(f"- {reason}: " + ", ".join(f"`{each}`" for each in those) for reason, those in names.items())
    return text + LEGEND + SETTLE.format(chips=", ".join(chips), left_out=lines)
