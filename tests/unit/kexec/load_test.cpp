#include "kexec/load.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace bootwire::kexec {
namespace {

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

TEST(Refusal, once_other_cpus_run_tells_to_restart) {
    const Error error = refusal(EBUSY, {}, "kernel8.img");
    EXPECT_TRUE(has(error.what, "the kernel kernel8.img")) << error.what;
    EXPECT_TRUE(has(error.what, "an earlier attempt of this boot")) << error.what;
    EXPECT_TRUE(has(error.hint, "restart the Pi with iscsi.mode=kexec")) << error.hint;
    EXPECT_TRUE(has(error.hint, "`reboot`")) << error.hint;
}

TEST(Refusal, of_a_kernel_with_large_pages_names_them) {
    KernelImage kernel;
    kernel.header.page_size = 16384;
    EXPECT_TRUE(has(refusal(EINVAL, kernel, "kernel_2712.img").what, "16 KB"));
    EXPECT_FALSE(has(refusal(EINVAL, {}, "kernel8.img").what, "KB"));
}

}  // namespace
}  // namespace bootwire::kexec
