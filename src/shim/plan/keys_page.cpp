// The table of keys as text for people.
#include "plan/keys.h"

namespace bootwire::plan {

namespace {

/// A cell of a Markdown table.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c;
    }
    return escaped.empty() ? "–" : escaped;
}

constexpr std::string_view page_start =
    R"(<!-- Made from src/shim/plan/keys.cpp; `test_plan` fails if the two differ and says how to renew it. -->
# Settings

What bootwire can be told, and where it looks, strongest first:

1. what was typed at the [rescue console](rescue.md), until the Pi is switched off,
2. `bootwire.txt` of the [help disk](rescue.md#the-help-disk), likewise,
3. the kernel command line (`cmdline.txt` beside the kernel, on the card or the TFTP server),
4. `bootwire.txt` of the SD card that the Pi started from, beside `cmdline.txt`,
5. DHCP: option 17 (root path, RFC 4173), 224 (boot mode), 203 (initiator name), and the usual ones
   (3, 6, 7, 12, 26, 42, 121, 249),
6. what is built in.

Each setting is looked up by itself: a target from the command line and a server from DHCP go
together. A malformed value is named, with its source and the expected form, and the next source is
asked. The console says where each value came from. On the command line and in `bootwire.txt`, a
later word wins over an earlier one of the same name; where "several" is said, all of them count, in
order. `-` and `_` in names are the same. Values with blanks go in quotes:
`iscsi.password="two words"`.

Secrets are kept by our kernel before anything can see the command line: they do not appear in
`/proc/cmdline`, the device tree, the kernel's log or the booted system. The rule goes by the name's
end (`.password`, `.psk`, `.secret`); a name of ours that is nearly one, as `iscsi.Pasword`, is hidden
too.

| Setting | Meaning | Form | Example | Without it | DHCP |
|---|---|---|---|---|---|
)";

constexpr std::string_view page_end = R"(
`iscsi.lun=10` is LUN ten, as target software counts. The LUN in a root path is hexadecimal, because
RFC 4173 says so: there, `10` is LUN sixteen.

The root path of DHCP option 17 is `iscsi:SERVER:6:PORT:LUN:TARGET`, all but `iscsi:` and the colons
optional as far as another source gives it. Several root paths, separated by blanks, are several
portals of one disk; one that names another target or LUN than the first is left out, with a
warning.

Several portals, from root paths or `iscsi.ip=`, are tried in their order at boot, and again when the
connection is lost. After them come portals that only the target itself names (SendTargets): eight
addresses at most, learnt some seconds after the boot and a minute or two after each return of the
session.

One portal is tried at a time. One that says nothing at all, as a machine without power, is waited
for; all together take 4 s, but each of them at least 1 s. So where all others are silent, the one
that is back is asked within 4 s, and of more than four within as many seconds as there are. Name at
most five.

A portal with a name is looked up again while it is being tried, and what DNS says is used by the
next attempt; without an answer it stays at the addresses that DNS gave before. Of several addresses
each attempt takes the next, the first one where the session was.

## The command line of the booted system

`/proc/cmdline` of the booted system is the disk's own command line (of its `cmdline.txt` the first
line; [disks.md](disks.md) tells which file that is), followed by the words of bootwire's own command line, except

- secrets, of either;
- what says how the system is found and started: `root`, `rootfstype`, `rootflags`, `rootwait`,
  `rootdelay`, `ro`, `rw`, `init`, `rdinit`, `initrd`, `resize`, `maxcpus`. They are the disk's.
  `root=` is replaced where `iscsi.root=` chose another one, and added where the disk says nothing;
  `init=` likewise with `iscsi.init=`, and `rootflags=` with that of bootwire's line;
- `ip`, `vlan`, `dns` and `nameserver`: the boot interface is not the system's to configure;
- words that the disk's own line has already.

`console=` is the other way round: the running kernel's are kept and the disk's are left out, since
those are what the firmware made of names such as `serial0`. Words after `--` come last and are the
disk's.
)";

}  // namespace

std::string settings_page() {
    std::string page(page_start);
    for (const KeyInfo& key : keys()) {
        page += "| `" + std::string(key.name) + "=` | " + cell(key.meaning);
        if (key.list) page += "; several";
        if (key.secret) page += "; secret";
        page += " | " + cell(key.form) + " | ";
        page += key.example.empty() ? "–" : '`' + cell(key.example) + '`';
        page += " | " + cell(key.fallback) + " | " + cell(key.dhcp) + " |\n";
    }
    page += page_end;
    return page;
}

}  // namespace bootwire::plan
