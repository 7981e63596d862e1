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
    EXPECT_EQ(examine_initramfs(bytes_of("BZh91AY&SY"))->closed, "bzip2");
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

TEST(Initramfs, that_only_a_kernel_unpacks_is_no_error_but_closed) {
    const std::string early = archive_with("kernel/firmware");
    const std::string lz4 = "\x02\x21\x4c\x18 and more";
    const auto ability = examine_initramfs(bytes_of(early + lz4));
    ASSERT_TRUE(ability) << ability.error().what;
    EXPECT_EQ(ability->closed, "lz4");
    EXPECT_FALSE(ability->can_log_in());
    const auto unpacked = unpack_initramfs(bytes_of(early + lz4), {[](auto&) { return Status(); }});
    ASSERT_FALSE(unpacked);
    EXPECT_TRUE(unpacked.error().what.contains("lz4"));
}

TEST(Initramfs, tells_whether_it_has_the_module_for_iscsi) {
    const std::string folder = "usr/lib/modules/6.12/kernel/drivers/scsi/";
    EXPECT_TRUE(
        examine_initramfs(bytes_of(archive_with(folder + "iscsi_tcp.ko.xz")))->has_iscsi_module);
    EXPECT_FALSE(
        examine_initramfs(bytes_of(archive_with(folder + "libiscsi_tcp.ko")))->has_iscsi_module);
}

TEST(Initramfs, is_unpacked_archive_by_archive) {
    const std::string file = archive_with("early") + zstd(archive_with("late"));
    std::vector<std::string> seen;
    std::string content;
    const auto done = unpack_initramfs(bytes_of(file), {[&](const CpioEntry& entry) -> Status {
                                                            seen.push_back(entry.name);
                                                            return {};
                                                        },
                                                        [&](Bytes piece) -> Status {
                                                            content += text_of(piece);
                                                            return {};
                                                        }});
    ASSERT_TRUE(done) << done.error().what;
    EXPECT_EQ(seen, (std::vector<std::string>{"scripts", "big", "early", "TRAILER!!!", "scripts",
                                              "big", "late", "TRAILER!!!"}));
    const std::string once = std::string(100'001, 'b') + "#!/bin/sh\n";
    EXPECT_EQ(content, once + once);
}

/// What a reader tells, for bytes that come one by one.
struct Told {
    std::vector<CpioEntry> entries;
    std::vector<std::string> contents;
    Status status;

    explicit Told(const std::string& archive) {
        CpioReader reader({[&](const CpioEntry& entry) -> Status {
                               entries.push_back(entry);
                               contents.emplace_back();
                               return {};
                           },
                           [&](Bytes piece) -> Status {
                               contents.back() += text_of(piece);
                               return {};
                           }});
        for (const char& c : archive) {
            if (status) status = reader.add(Bytes(reinterpret_cast<const uint8_t*>(&c), 1));
        }
    }
};

TEST(Cpio, archive_is_what_cpio_reads) {
    CpioWriter writer;
    writer.add_folder("etc");
    writer.add_file("etc/secret", "two words\n", 0600);
    writer.add_device("dev-null", 1, 3, 0666);
    const std::string archive = writer.finish();
    EXPECT_EQ(archive.size() % 512, 0u);
    const Told told(archive);
    ASSERT_TRUE(told.status);
    ASSERT_EQ(told.entries.size(), 4u);
    EXPECT_EQ(told.entries[0].name, "etc");
    EXPECT_EQ(told.entries[0].mode, 040755u);
    EXPECT_EQ(told.entries[1].mode, 0100600u);
    EXPECT_EQ(told.entries[1].size, 10u);
    EXPECT_EQ(told.contents[1], "two words\n");
    EXPECT_EQ(told.entries[2].mode, 020666u);
    EXPECT_EQ(told.entries[2].device[0], 1u);
    EXPECT_EQ(told.entries[2].device[1], 3u);
    EXPECT_TRUE(told.entries[3].is_trailer());
    EXPECT_EQ(archive.substr(0, 6), "070701");
    EXPECT_EQ(archive.substr(14, 8), "000041ed") << "a folder, 0755";
}

TEST(Cpio, names_and_contents_of_every_length_are_told_as_they_are) {
    for (size_t length = 1; length <= 9; ++length) {
        CpioWriter writer;
        writer.add_file(std::string(length, 'n'), std::string(length - 1, 'c'));
        writer.add_file("next", "x");
        const Told told(writer.finish());
        ASSERT_EQ(told.entries.size(), 3u) << length;
        EXPECT_EQ(told.entries[0].name, std::string(length, 'n'));
        EXPECT_EQ(told.contents[0], std::string(length - 1, 'c'));
        EXPECT_EQ(told.contents[1], "x");
    }
}

TEST(Cpio, a_handler_ends_the_reading) {
    CpioWriter writer;
    writer.add_file("a", "x");
    writer.add_file("b", "x");
    const std::string archive = writer.finish();
    size_t entries = 0;
    CpioReader reader({[&](const CpioEntry&) -> Status {
        ++entries;
        return fail("no more");
    }});
    EXPECT_EQ(reader.add(bytes_of(archive)).error().what, "no more");
    EXPECT_EQ(reader.add(bytes_of(archive)).error().what, "no more");
    EXPECT_EQ(entries, 1u);
}

}  // namespace
}  // namespace bootwire::kexec
