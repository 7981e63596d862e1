#include "kexec/kernel_image.h"

#include <gtest/gtest.h>

#include "samples.h"

namespace bootwire::kexec {
namespace {

std::string sentence(std::string file) {
    const auto kernel = unpack_kernel(std::move(file), "kernel8.img");
    return kernel ? "it is one" : kernel.error().what;
}

TEST(KernelImage, is_unpacked_from_every_form) {
    const std::string raw = image();
    const struct {
        std::string file;
        const char* packing;
    } forms[] = {{raw, ""},
                 {gzip(raw), "gzip"},
                 {zstd(raw), "zstd"},
                 {zboot(gzip(raw), "gzip"), "gzip in an EFI zboot image"},
                 {zboot(zstd(raw), "zstd22"), "zstd in an EFI zboot image"}};
    for (const auto& [file, packing] : forms) {
        const auto kernel = unpack_kernel(file, "kernel8.img");
        ASSERT_TRUE(kernel) << packing << ": " << kernel.error().what;
        EXPECT_EQ(kernel->packing, packing);
        EXPECT_TRUE(kernel->bytes == raw) << packing;
        EXPECT_EQ(kernel->header.image_size, 0x20000u);
        EXPECT_EQ(kernel->header.page_size, 4096u);
    }
}

TEST(KernelImage, tells_its_page_size) {
    for (const auto& [flags, size] : {std::pair{8, 0U}, {10, 4096U}, {12, 16384U}, {14, 65536U}}) {
        const auto kernel = unpack_kernel(image({.flags = static_cast<uint64_t>(flags)}), "k");
        ASSERT_TRUE(kernel);
        EXPECT_EQ(kernel->header.page_size, size);
    }
}

TEST(KernelImage, that_is_cut_off_is_said_to_be) {
    const std::string raw = image();
    EXPECT_EQ(sentence(raw.substr(0, 0x8000)),
              "the kernel kernel8.img is cut off: 32768 of 65536 bytes are there");
    for (const std::string& packed : {gzip(raw), zstd(raw)}) {
        EXPECT_EQ(sentence(packed.substr(0, packed.size() / 2)),
                  "the kernel kernel8.img ends in the middle of its compressed data");
    }
    const std::string efi = zboot(gzip(raw), "gzip");
    EXPECT_EQ(sentence(efi.substr(0, efi.size() / 2)),
              "the kernel kernel8.img ends in the middle of its compressed data");
    EXPECT_EQ(sentence(""), "the kernel kernel8.img is empty");
    EXPECT_EQ(sentence("short"), "the kernel kernel8.img is too short to be a kernel");
}

/// The compressor's own end would tell of nothing here: what is said to be compressed goes on.
TEST(KernelImage, in_an_efi_zboot_image_is_all_that_its_header_says) {
    const std::string payload = gzip(image());
    const auto with = [&](size_t offset, size_t size, size_t file_size) {
        std::string file = zboot(payload, "gzip");
        auto* const at = reinterpret_cast<uint8_t*>(file.data());
        store_le32(at + 8, static_cast<uint32_t>(offset));
        store_le32(at + 12, static_cast<uint32_t>(size));
        file.resize(file_size);
        return sentence(file);
    };
    const size_t end = 1024 + payload.size();
    const std::string cut_off = "the kernel kernel8.img ends in the middle of its compressed data";
    EXPECT_EQ(with(1024, payload.size(), end), "it is one") << "the file ends with it";
    EXPECT_EQ(with(1024, payload.size() + 4, end + 4), "it is one");
    EXPECT_EQ(with(1024, payload.size() + 4, end + 3), cut_off);
    EXPECT_EQ(with(1024, payload.size() + 1, end), cut_off);
    EXPECT_EQ(with(1024, 0xffffffff, end), cut_off);
    EXPECT_EQ(with(0xffffffff, payload.size(), end), cut_off) << "32 bits hold no such sum";
    EXPECT_EQ(with(end + 1, 0, end), cut_off);
}

TEST(KernelImage, needs_no_more_memory_than_a_quarter_of_a_gigabyte) {
    EXPECT_EQ(sentence(image({.image_size = largest_image})), "it is one");
    EXPECT_EQ(sentence(image({.image_size = largest_image + 1})),
              "the kernel kernel8.img says that it needs impossibly much memory");
}

TEST(KernelImage, has_all_its_sections) {
    EXPECT_EQ(sentence(image({.section_end = 0x10000})), "it is one");
    EXPECT_EQ(sentence(image({.section_end = 0x10001})),
              "the kernel kernel8.img is cut off: 65536 of 65537 bytes are there");
    // One of no bytes is nowhere.
    std::string file = image();
    auto* const second = reinterpret_cast<uint8_t*>(file.data()) + 64 + 24 + 160 + 40;
    store_le32(second + 16, 0);
    store_le32(second + 20, 0x20000);
    EXPECT_EQ(sentence(file), "it is one");
}

TEST(KernelImage, has_a_whole_header) {
    std::string smallest = image().substr(0, 64);
    EXPECT_EQ(sentence(smallest), "it is one") << "without an EFI header behind it";
    EXPECT_EQ(sentence(smallest.substr(0, 63)),
              "the kernel kernel8.img is too short to be a kernel");
}

TEST(KernelImage, that_is_damaged_is_said_to_be) {
    for (std::string packed : {gzip(image()), zstd(image())}) {
        for (size_t i = packed.size() / 2; i < packed.size() / 2 + 200; ++i)
            packed[i] = 'x';
        EXPECT_NE(sentence(packed).find("damaged"), std::string::npos) << sentence(packed);
    }
}

TEST(KernelImage, of_another_kind_is_named) {
    const auto with = [](size_t offset, std::string_view text) {
        std::string file(4096, 'x');
        return file.replace(offset, text.size(), text);
    };
    EXPECT_NE(sentence(with(0x24, {"\x18\x28\x6f\x01", 4})).find("32-bit ARM"), std::string::npos);
    EXPECT_NE(sentence(gzip(with(0x24, {"\x18\x28\x6f\x01", 4}))).find("32-bit"),
              std::string::npos);
    EXPECT_NE(sentence(with(0, {"\x27\x05\x19\x56", 4})).find("uImage"), std::string::npos);
    EXPECT_NE(sentence(with(0x202, "HdrS")).find("PCs"), std::string::npos);
    EXPECT_NE(sentence(with(0,
                            "\x7f"
                            "ELF"))
                  .find("ELF"),
              std::string::npos);
    EXPECT_NE(sentence(with(0, {"\xfd"
                                "7zXZ\0",
                                6}))
                  .find("xz"),
              std::string::npos);
    EXPECT_NE(sentence(with(0, "text")).find("no kernel"), std::string::npos);
    EXPECT_NE(sentence(image({.flags = 0xb})).find("big-endian"), std::string::npos);
    EXPECT_NE(sentence(image({.image_size = 0})).find("3.17"), std::string::npos);
}

TEST(KernelImage, does_not_unpack_without_end) {
    const std::string bomb = zstd(std::string((2 << 20) + 1, '\0'));
    EXPECT_TRUE(unpack_kernel(bomb, "k", 2 << 20).error().what.contains("larger than 2 MB"));
    EXPECT_TRUE(unpack_kernel(gzip(image()), "k", 0x10000)) << "as large as it may be";
    EXPECT_FALSE(unpack_kernel(gzip(image()), "k", 0x10000 - 1));
}

}  // namespace
}  // namespace bootwire::kexec
