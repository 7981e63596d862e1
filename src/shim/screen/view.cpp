#include "screen/view.h"

#include "base/text.h"

namespace bootwire::screen {

namespace {

constexpr char field_end = '\0';  // of each field; no text has one
constexpr size_t most_steps = 16;

class Writer {
  public:
    void text(std::string_view text) {
        for (const char c : text) {
            if (c != field_end) bytes += c;
        }
        bytes += field_end;
    }
    void number(uint64_t number) { text(std::to_string(number)); }
    void moment(Moment moment) { number(static_cast<uint64_t>(moment.count())); }

    std::string bytes;
};

class Reader {
  public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}

    std::string text() {
        const size_t end = rest_.find(field_end);
        if (end == rest_.npos) {
            good_ = false;
            return {};
        }
        std::string text(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return text;
    }
    uint64_t number() {
        const auto value = parse_number<uint64_t>(text());
        if (!value) good_ = false;
        return value.value_or(0);
    }
    Moment moment() { return Moment(number()); }
    bool good() const { return good_; }

  private:
    std::string_view rest_;
    bool good_ = true;
};

void write_notice(const Notice& notice, Writer& writer) {
    writer.number(static_cast<uint64_t>(notice.kind));
    writer.text(notice.title);
    writer.text(notice.text);
    writer.text(notice.hint);
    writer.text(notice.link);
    writer.moment(notice.since);
    writer.number(static_cast<uint64_t>(notice.attempt));
    writer.number(notice.next_attempt ? 1 : 0);
    writer.moment(notice.next_attempt.value_or(Moment(0)));
    writer.text(notice.help);
}

std::optional<Notice> read_notice(Reader& reader) {
    Notice notice;
    const uint64_t kind = reader.number();
    if (kind > static_cast<uint64_t>(Notice::Kind::work)) return std::nullopt;
    notice.kind = static_cast<Notice::Kind>(kind);
    notice.title = reader.text();
    notice.text = reader.text();
    notice.hint = reader.text();
    notice.link = reader.text();
    notice.since = reader.moment();
    notice.attempt = static_cast<int>(reader.number());
    const bool has_next = reader.number() != 0;
    const Moment next = reader.moment();
    if (has_next) notice.next_attempt = next;
    notice.help = reader.text();
    return notice;
}

}  // namespace

std::string encode(const View& view) {
    Writer writer;
    writer.text(view.version);
    writer.text(view.board);
    writer.text(view.serial);
    writer.number(view.steps.size());
    for (const Step& step : view.steps) {
        writer.text(step.name);
        writer.number(static_cast<uint64_t>(step.state));
        writer.text(step.detail);
        writer.moment(step.began);
        writer.moment(step.ended);
    }
    writer.number(view.notice ? 1 : 0);
    if (view.notice) write_notice(*view.notice, writer);
    return std::move(writer.bytes);
}

std::optional<View> decode(std::string_view bytes) {
    Reader reader(bytes);
    View view;
    view.version = reader.text();
    view.board = reader.text();
    view.serial = reader.text();
    const uint64_t steps = reader.number();
    if (steps > most_steps) return std::nullopt;
    for (uint64_t i = 0; i < steps; ++i) {
        Step step;
        step.name = reader.text();
        const uint64_t state = reader.number();
        if (state > static_cast<uint64_t>(Step::State::failed)) return std::nullopt;
        step.state = static_cast<Step::State>(state);
        step.detail = reader.text();
        step.began = reader.moment();
        step.ended = reader.moment();
        view.steps.push_back(std::move(step));
    }
    if (reader.number() != 0) {
        view.notice = read_notice(reader);
        if (!view.notice) return std::nullopt;
    }
    if (!reader.good()) return std::nullopt;
    return view;
}

}  // namespace bootwire::screen
