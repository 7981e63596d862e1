#include "eeprom/update.h"

#include <gtest/gtest.h>

#include "eeprom/release.h"
#include "images.h"

namespace bootwire::eeprom {
namespace {

RunningBootloader pi4() {
    return {.revision = 0xc03114,
            .serial = "10000000abcdef01",
            .built = 1770000000,
            .configuration = std::string(usual_text)};
}

std::string why_not(const RunningBootloader& running, const Image& image) {
    const auto status = may_replace(image, running);
    return status ? "" : status.error().what;
}

TEST(Releases, are_known_by_the_words_in_the_image) {
    const Release release = release_of(image_2711().image());
    EXPECT_EQ(release.built, 1770000000u);
    EXPECT_EQ(release.version, "0123abcd");
    EXPECT_EQ(release.manufacture, 1u);
    ImageMaker silent(512 * 1024);
    silent.add(Kind::code, "nothing");
    EXPECT_FALSE(release_of(silent.image()).built);
    EXPECT_EQ(release_of(silent.image()).manufacture, 0u);
}

TEST(Owners, are_seen_by_what_they_put_into_an_image) {
    EXPECT_FALSE(owners_signature(image_2711().image()));
    EXPECT_FALSE(owners_signature(image_with_two_partitions().image()));
    EXPECT_TRUE(owners_signature(image_2711("[all]\nSIGNED_BOOT=1\n").image()));
    EXPECT_FALSE(owners_signature(image_2711("[all]\nSIGNED_BOOT=0\n").image()));
    EXPECT_TRUE(owners_signature(image_2711("[gpio4=1]\nSIGNED_BOOT=1\n").image()));
    for (const size_t place : {0x4e018, 0x4f018}) {  // pubkey.bin and bootconf.sig
        ImageMaker maker = image_2711();
        maker.bytes[place + 7] = 'k';
        EXPECT_TRUE(owners_signature(maker.image())) << place;
    }
}

TEST(Owners, are_seen_by_their_block_behind_the_code_of_a_2712) {
    const auto with_key = [](uint32_t key) {
        std::string block(12 + 256 + 264, 's');
        auto* bytes = reinterpret_cast<uint8_t*>(block.data());
        const std::string payload = code();
        store_le32(bytes, static_cast<uint32_t>(payload.size()));
        store_le32(bytes + 4, key);
        ImageMaker maker(2 * 1024 * 1024);
        maker.add(Kind::code, payload + block);
        add_changeable(maker, 0x50000, usual_text);
        return maker.image();
    };
    EXPECT_FALSE(owners_signature(with_key(0)));
    EXPECT_TRUE(owners_signature(with_key(16)));
}

TEST(Boards, take_an_update_from_their_card_or_say_why_not) {
    EXPECT_TRUE(takes_update(pi4()));
    const std::pair<uint32_t, const char*> others[] = {{0xa02082, "has no EEPROM"},
                                                       {0x000e, "has no EEPROM"},
                                                       {0xa03140, "Compute Module 4"},
                                                       {0xa03150, "Compute Module 4"}};
    for (const auto& [revision, why] : others) {
        const auto status = takes_update({.revision = revision});
        ASSERT_FALSE(status) << revision;
        EXPECT_NE(status.error().what.find(why), std::string::npos) << status.error().what;
    }
    for (const uint32_t revision : {0xc03130u, 0xd04170u, 0xb04180u, 0xd04190u, 0xb041a0u})
        EXPECT_TRUE(takes_update({.revision = revision}));
}

TEST(Boards, whose_owner_signs_are_left_alone) {
    RunningBootloader running = pi4();
    running.signed_boot = 4;
    EXPECT_FALSE(takes_update(running));
    running.signed_boot = 0;
    running.configuration = "SIGNED_BOOT=1\n";
    EXPECT_FALSE(takes_update(running));
}

TEST(Images, replace_what_is_older_or_the_same) {
    RunningBootloader running = pi4();
    EXPECT_EQ(why_not(running, image_2711().image()), "");
    running.built = 1770000001;
    EXPECT_NE(why_not(running, image_2711().image()).find("older"), std::string::npos);
    running.built = 0;
    EXPECT_EQ(why_not(running, image_2711().image()), "");
}

TEST(Images, replace_nothing_on_a_board_that_wants_another_one) {
    RunningBootloader running = pi4();
    EXPECT_NE(why_not(running, image_2712().image()).find("the 2712"), std::string::npos);
    running.least_manufacture = 2;
    EXPECT_NE(why_not(running, image_2711().image()).find("MFG_VER"), std::string::npos);
    running = pi4();
    running.configuration = "FREEZE_VERSION=1\n";
    EXPECT_EQ(why_not(running, image_2711().image()), "");
    running.built = 1760000000;
    EXPECT_NE(why_not(running, image_2711().image()).find("FREEZE_VERSION"), std::string::npos);
    EXPECT_NE(why_not(pi4(), image_2711("SIGNED_BOOT=1\n").image()).find("signed by an owner"),
              std::string::npos);
}

TEST(Folders, are_those_of_the_revision_and_then_the_usual_one) {
    const std::vector<std::string> expected{
        "firmware-2711/default-c03111", "firmware-2711/default-00c03111", "firmware-2711/default"};
    EXPECT_EQ(image_folders(0xc03111), expected);
    EXPECT_EQ(image_folders(0xd04170).back(), "firmware-2712/default");
    EXPECT_TRUE(image_folders(0xa02082).empty());
}

TEST(Folders, have_a_newest_image) {
    const std::vector<std::string> names{"recovery.bin",
                                         "pieeprom-2026-05-17.bin",
                                         "pieeprom-2026-08-04.bin",
                                         "pieeprom-2027-01-01.bin.sig",
                                         "pieeprom-2O27-01-01.bin",
                                         "vl805-000138c0.bin"};
    EXPECT_EQ(newest_image(names), "pieeprom-2026-08-04.bin");
    EXPECT_FALSE(newest_image(std::span(names).first(1)));
}

TEST(Updates, are_later_than_the_last_one_even_without_a_clock) {
    EXPECT_EQ(next_update_time(1790000000, 1780000000), 1790000000u);
    EXPECT_EQ(next_update_time(0, 1780000000), 1780000001u);
    EXPECT_EQ(next_update_time(0, 0), 1u);
    EXPECT_EQ(next_update_time(uint64_t{1} << 40, 0), 0xfffffffeu);
    EXPECT_EQ(next_update_time(0, 0xffffffff), 0xfffffffeu);
}

TEST(Updates, are_an_image_and_a_signature_of_three_lines) {
    const auto update = prepare_update(image_2711().image(), "A=1\nB=2\nC=3\n", 1790000000);
    ASSERT_TRUE(update) << update.error().to_string();
    const Image image = *Image::parse(update->image);
    EXPECT_EQ(image.configuration().value_or(""), "A=1\nB=2\nC=3\n");
    EXPECT_EQ(image.update_time(), 1790000000u);
    EXPECT_EQ(update->signature,
              hex(sha256(update->image)) + "\nts: 1790000000\ntarget-soc: 2711\n");
    const auto signature = parse_signature(update->signature);
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->time, 1790000000u);
    EXPECT_TRUE(matches(*signature, image));
    EXPECT_FALSE(matches(*signature, image_2711().image()));
}

TEST(Updates, of_what_cannot_be_changed_are_refused) {
    EXPECT_FALSE(prepare_update(image_2711("SIGNED_BOOT=1\n").image(), "A=1\n", 1));
    EXPECT_FALSE(prepare_update(image_2711().image(), std::string(4077, '#'), 1));
}

TEST(Updates, keep_the_running_configuration_if_it_says_anything) {
    EXPECT_EQ(configuration_to_keep("A=1\n", "B=1\n"), "A=1\n");
    EXPECT_EQ(configuration_to_keep("\n# nothing\n", "B=1\n"), "B=1\n");
}

TEST(Signatures, that_are_not_whole_are_named) {
    const std::string sum(64, 'A');
    EXPECT_EQ(parse_signature(sum).value().sha256, std::string(64, 'a'));
    EXPECT_EQ(parse_signature(sum + "\ntarget-soc: 2712\n").value().target, "2712");
    EXPECT_TRUE(parse_signature(sum + "\nrsa2048: 00\n").value().has_rsa);
    EXPECT_FALSE(parse_signature(""));
    EXPECT_FALSE(parse_signature(std::string(63, 'a') + "g\n"));
    EXPECT_FALSE(parse_signature(sum + "\nts: yesterday\n"));
    Signature other{.sha256 = hex(sha256(image_2711().image().bytes())), .target = "2712"};
    EXPECT_FALSE(matches(other, image_2711().image()));
}

}  // namespace
}  // namespace bootwire::eeprom
