#include "helpdisk/page.h"

#include "base/text.h"
#include "plan/keys.h"
#include "plan/settings_file.h"

namespace bootwire::helpdisk {

namespace {

constexpr std::string_view page_head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>bootwire: this Pi could not start</title>
<style>
:root{--ink:#1c242c;--soft:#5b6670;--line:#dde2e7;--paper:#fff;--panel:#f4f6f8;--bad:#c0392b;--good:#2e8b4f;--accent:#1769aa}
@media(prefers-color-scheme:dark){:root{--ink:#e4e8ec;--soft:#8b96a1;--line:#2a333d;--paper:#0e1318;--panel:#171e26;--bad:#f0645a;--good:#63c07c;--accent:#6cb6ff}}
body{font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:44rem;margin:2.5rem auto;padding:0 1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .25rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
.soft{color:var(--soft)}.what{background:var(--panel);border-left:4px solid var(--bad);padding:.9rem 1.1rem;margin:1.25rem 0}
.what p{margin:.35rem 0}ul.steps{list-style:none;padding:0}ul.steps li{padding:.2rem 0}
ul.steps b,ul.steps li::before{display:inline-block;width:7rem;font-weight:600}ul.steps li::before{width:1.5rem}.done::before{content:"\2713";color:var(--good)}
.failed::before{content:"\2717";color:var(--bad)}.running::before{content:"\2026";color:var(--accent)}.waiting::before{content:"\00b7"}
.waiting{color:var(--soft)}code{background:var(--panel);padding:.1rem .3rem;border-radius:3px;overflow-wrap:anywhere}
td:first-child code{white-space:nowrap}table{border-collapse:collapse;width:100%;font-size:.9rem}td,th{overflow-wrap:anywhere;text-align:left;vertical-align:top;padding:.4rem .6rem .4rem 0;border-bottom:1px solid var(--line)}
@media(max-width:36rem){table,tbody,tr,td{display:block}th{display:none}td:first-child{border:0;padding-bottom:0}}
a{color:var(--accent)}
</style></head><body>
)";

constexpr std::string_view what_to_do = R"(<h2>Change a setting</h2>
<ol>
<li>Open <code>bootwire.txt</code> on this disk with any text editor. Write what you want to set, one setting in a line, such as <code>iscsi.ip=192.168.1.10</code>.</li>
<li>Save it and eject the disk.</li>
<li>The Pi reads the file and tries again at once. What you wrote counts above all other sources, until the Pi is switched off.</li>
</ol>
<p>All that this Pi said while it booted is in <code>BOOTLOG.TXT</code>. Passwords are shown nowhere on this disk.</p>
)";

constexpr std::string_view keep_words =
    R"(<p>To keep what you wrote for good, take the <code>#</code> away from <code>#bootwire.keep=card</code> in that file as well: the Pi then writes the settings on its SD card.</p>
)";

/// For the text and the attributes of a page.
std::string escaped(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        switch (c) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            default:
                safe += c;
        }
    }
    return safe;
}

const char* state_class(screen::Step::State state) {
    switch (state) {
        case screen::Step::State::done:
            return "done";
        case screen::Step::State::failed:
            return "failed";
        case screen::Step::State::running:
            return "running";
        case screen::Step::State::waiting:
            break;
    }
    return "waiting";
}

std::string what_failed(const screen::Notice& notice) {
    std::string html = "<div class=\"what\"><p><strong>" + escaped(notice.title) +
                       "</strong></p><p>" + escaped(notice.text) + "</p>";
    if (!notice.hint.empty()) html += "<p>What to check: " + escaped(notice.hint) + "</p>";
    if (!notice.link.empty()) {
        html += "<p><a href=\"" + escaped(notice.link) + "\">More about this</a></p>";
    }
    return html + "</div>\n";
}

std::string settings_table() {
    std::string html = "<h2>Settings</h2>\n<table><tr><th>Setting</th><th>Meaning</th></tr>\n";
    for (const plan::KeyInfo& key : plan::keys()) {
        html += "<tr><td><code>" + escaped(key.name) + "=</code></td><td>" + escaped(key.meaning) +
                "<br><span class=\"soft\">" + escaped(key.form);
        if (!key.example.empty()) html += "; for instance " + escaped(key.example);
        html += "</span></td></tr>\n";
    }
    return html + "</table>\n";
}

}  // namespace

std::string index_page(const screen::View& view, bool has_card) {
    std::string html(page_head);
    const bool waits = view.notice && view.notice->kind == screen::Notice::Kind::wait;
    html += waits ? "<h1>This Raspberry Pi waits</h1>\n"
                  : "<h1>This Raspberry Pi could not start from its disk</h1>\n";
    html += "<p class=\"soft\">" + escaped(view.board) + ", serial " + escaped(view.serial) +
            ", bootwire " + escaped(view.version) + "</p>\n";
    if (view.notice) html += what_failed(*view.notice);
    html += "<h2>How far it came</h2>\n<ul class=\"steps\">\n";
    for (const screen::Step& step : view.steps) {
        html += "<li class=\"" + std::string(state_class(step.state)) + "\"><b>" +
                escaped(step.name) + "</b> " + escaped(step.detail) + "</li>\n";
    }
    html += "</ul>\n";
    html += what_to_do;
    if (has_card) html += keep_words;
    html += settings_table();
    return html + "</body></html>\n";
}

std::string settings_text(const plan::CommandLine& said, bool has_card) {
    std::string text =
        "# Settings for this Raspberry Pi, one in a line; lines with '#' do not count.\r\n"
        "# Save, eject the disk: the Pi reads this file and tries again.\r\n"
        "# INDEX.HTM explains what failed, and all settings.\r\n\r\n";
    text += plan::write_settings_file(said);
    if (has_card) {
        text +=
            "\r\n# Without '#', this writes the settings above on the SD card, for good:\r\n"
            "#bootwire.keep=card\r\n";
    }
    text += "\r\n# Examples:\r\n";
    for (const plan::KeyInfo& key : plan::keys()) {
        if (key.key == plan::Key::bootwire_keep) continue;
        text += "#" + std::string(key.name) + "=" + std::string(key.example) + "\r\n";
    }
    return text;
}

}  // namespace bootwire::helpdisk
