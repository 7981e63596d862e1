#include "kexec/initramfs.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "kexec/cpio.h"
#include "samples.h"

namespace bootwire::kexec {
namespace {

std::string archive_with(const std::string& path) {
    CpioWriter writer;
    writer.add_folder("scripts");
    writer.add_file("big", std::string(100'001, 'b'));
    writer.add_file(path, "#!/bin/sh\n", 0755);
    return writer.finish();
}

TEST(Initramfs, of_debian_with_open_iscsi_can_log_in) {
    const std::string plain = archive_with("scripts/local-top/iscsi");
    for (const std::string& file : {plain, gzip(plain), zstd(plain)}) {
        const auto ability = examine_initramfs(bytes_of(file));
        ASSERT_TRUE(ability) << ability.error().what;
        EXPECT_TRUE(ability->initramfs_tools_iscsi);
        EXPECT_FALSE(ability->dracut_iscsi);
    }
}

TEST(Initramfs, of_dracut_can_log_in_if_its_module_is_in) {
    const auto with = examine_initramfs(bytes_of(zstd(archive_with("./usr/sbin/iscsiroot"))));
    ASSERT_TRUE(with);
    EXPECT_TRUE(with->dracut_iscsi);
    const auto without = examine_initramfs(bytes_of(zstd(archive_with("usr/bin/mount"))));
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->can_log_in());
    EXPECT_EQ(without->names, 4u) << "three and the trailer";
}

TEST(Initramfs, may_be_several_archives_one_behind_the_other) {
    const std::string early = archive_with("kernel/firmware");
    const std::string main = archive_with("scripts/local-top/iscsi");
    const std::string padding(1536, '\0');
    for (const std::string& file :
         {early + zstd(main), early + padding + gzip(main), gzip(early) + main + padding,
          zstd(early) + zstd(main), early + main}) {
        const auto ability = examine_initramfs(bytes_of(file));
        ASSERT_TRUE(ability) << ability.error().what;
        EXPECT_TRUE(ability->initramfs_tools_iscsi);
        EXPECT_EQ(ability->names, 8u);
    }
}

TEST(Initramfs, that_cannot_be_read_is_said_to_be_so) {
    const auto why = [](const std::string& file) {
        const auto ability = examine_initramfs(bytes_of(file));
        return ability ? "it can be read" : ability.error().what;
    };
    EXPECT_NE(why("BZh91AY&SY").find("bzip2"), std::string::npos);
    EXPECT_NE(why("hello").find("not an initramfs"), std::string::npos);
    EXPECT_NE(why(gzip("hello")).find("not an initramfs"), std::string::npos);
    EXPECT_NE(why("").find("empty"), std::string::npos);
    EXPECT_NE(why(archive_with("x").substr(0, 5000)).find("middle of a file"), std::string::npos);
    const std::string packed = zstd(archive_with("x"));
    EXPECT_NE(why(packed.substr(0, packed.size() - 10)).find("middle"), std::string::npos);
}

/// One file of zeros, with its trailer, of that size altogether.
ZstdFrame archive_of(uint64_t size) {
    CpioWriter writer;
    writer.add_file("big", {});
    const std::string written = writer.finish();
    const size_t begin = 110 + sizeof "big" + 2;  // header and name, padded
    const size_t end = 110 + sizeof "TRAILER!!!" + 3;
    char content[9];
    std::snprintf(content, sizeof content, "%08zx", static_cast<size_t>(size - begin - end));
    std::string head = written.substr(0, begin);
    head.replace(6 + 6 * 8, 8, content);
    return ZstdFrame().add(head).add_zeros(size - begin - end).add(written.substr(begin, end));
}

TEST(Initramfs, that_does_not_end_within_two_gigabytes_is_a_bomb) {
    constexpr uint64_t gigabyte = uint64_t{1} << 30;
    const auto why = [](const std::string& file) {
        const auto ability = examine_initramfs(bytes_of(file));
        return ability ? std::to_string(ability->names) + " names" : ability.error().what;
    };
    EXPECT_EQ(why(archive_of(2 * gigabyte).finish()), "2 names");
    EXPECT_EQ(why(archive_of(2 * gigabyte).add_zeros(1).finish()), "unpacks to more than 2 GB");
    const std::string one = archive_of(gigabyte).finish();
    EXPECT_EQ(why(one + one + gzip(archive_with("x"))), "unpacks to more than 2 GB")
        << "all archives together";
}

TEST(Cpio, archive_is_what_cpio_reads) {
    CpioWriter writer;
    writer.add_folder("etc");
    writer.add_file("etc/secret", "two words\n", 0600);
    writer.add_device("dev-null", 1, 3, 0666);
    const std::string archive = writer.finish();
    EXPECT_EQ(archive.size() % 512, 0u);
    std::vector<std::string> seen;
    CpioNames names([&](std::string_view name) { seen.emplace_back(name); });
    for (const char& c : archive)
        ASSERT_TRUE(names.add(Bytes(reinterpret_cast<const uint8_t*>(&c), 1)));
    EXPECT_EQ(seen, (std::vector<std::string>{"etc", "etc/secret", "dev-null", "TRAILER!!!"}));
    EXPECT_EQ(archive.substr(0, 6), "070701");
    EXPECT_NE(archive.find("two words\n"), std::string::npos);
    EXPECT_EQ(archive.substr(14, 8), "000041ed") << "a folder, 0755";
}

}  // namespace
}  // namespace bootwire::kexec
