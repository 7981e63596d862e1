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
}

}  // namespace
}  // namespace bootwire::kexec
