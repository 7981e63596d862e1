#include "wifi/choice.h"

#include "wifi/conf.h"

namespace bootwire::wifi {

namespace {

class Chooser {
  public:
    Chooser(const Wishes& wishes, plan::Report& report) : wishes_(wishes), report_(report) {}

    void offer_words(bool theirs) {
        if (!theirs || !wishes_.network.value || !choice_.networks.empty()) return;
        choice_.networks.push_back(*wishes_.network.value);
        choice_.source = wishes_.network.source.to_string();
    }

    void offer_conf(const std::optional<std::string_view>& file, std::string source) {
        if (!file || !choice_.networks.empty()) return;
        Conf conf = read_conf(*file);
        for (const std::string& note : conf.notes)
            report_.warnings.push_back(source + ", " + note);
        if (conf.networks.empty()) {
            report_.warnings.push_back(source + " names no network that can be joined");
            return;
        }
        choice_ = {std::move(conf.networks), std::move(source), std::move(conf.country)};
    }

    Choice made() {
        if (!wishes_.country.value.empty()) choice_.country = wishes_.country.value;
        return std::move(choice_);
    }

  private:
    const Wishes& wishes_;
    plan::Report& report_;
    Choice choice_;
};

}  // namespace

Choice choose(const Wishes& wishes, const Confs& confs, plan::Report& report) {
    using Kind = plan::Source::Kind;
    const Kind words = wishes.network.source.kind;
    Chooser chooser(wishes, report);
    chooser.offer_words(words == Kind::console);
    chooser.offer_conf(confs.help_disk, "wpa_supplicant.conf of the help disk");
    chooser.offer_words(words == Kind::help_disk);
    chooser.offer_conf(confs.card, "wpa_supplicant.conf of the SD card");
    chooser.offer_words(true);
    chooser.offer_conf(confs.built_in, "the built-in wpa_supplicant.conf");
    return chooser.made();
}

}  // namespace bootwire::wifi
