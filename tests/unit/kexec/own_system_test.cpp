#include "kexec/own_system.h"

#include <gtest/gtest.h>

#include <map>

#include "kexec/cpio.h"
#include "kexec/module_set.h"
#include "samples.h"
#include "unit/bootfiles/memory_folder.h"

namespace bootwire::kexec {
namespace {

constexpr char dependencies[] =
    "kernel/drivers/net/virtio_net.ko.xz: kernel/drivers/net/net_failover.ko.xz "
    "kernel/net/core/failover.ko.xz\n"
    "kernel/drivers/net/net_failover.ko.xz: kernel/net/core/failover.ko.xz\n"
    "kernel/net/core/failover.ko.xz:\n"
    "kernel/drivers/virtio/virtio_mmio.ko.xz:\n"
    "kernel/drivers/scsi/iscsi_tcp.ko.xz: kernel/drivers/scsi/libiscsi_tcp.ko.xz "
    "kernel/drivers/scsi/libiscsi.ko.xz kernel/drivers/scsi/scsi_transport_iscsi.ko.xz\n"
    "kernel/drivers/scsi/libiscsi_tcp.ko.xz: kernel/drivers/scsi/libiscsi.ko.xz "
    "kernel/drivers/scsi/scsi_transport_iscsi.ko.xz\n"
    "kernel/drivers/scsi/libiscsi.ko.xz: kernel/drivers/scsi/scsi_transport_iscsi.ko.xz\n"
    "kernel/drivers/scsi/scsi_transport_iscsi.ko.xz:\n"
    "kernel/fs/ext4/ext4.ko.xz:\n"
    "kernel/sound/soundcore.ko.xz:\n"
    "nonsense\n";
constexpr char aliases[] =
    "# Aliases extracted from modules themselves.\n"
    "alias virtio:d00000001v* virtio_net\n"
    "alias of:N*T*Cvirtio,mmioC* virtio_mmio\n"
    "alias of:N*T*Cvirtio,mmio virtio_mmio\n"
    "alias char-major-14-* soundcore\n";

TEST(ModuleSet, has_what_a_module_needs_before_it) {
    ModuleSet set(dependencies, aliases, "");
    EXPECT_TRUE(set.add("iscsi-tcp"));
    EXPECT_FALSE(set.add("usbcore")) << "built in";
    const std::vector<std::string_view> expected{
        "kernel/drivers/scsi/scsi_transport_iscsi.ko.xz", "kernel/drivers/scsi/libiscsi.ko.xz",
        "kernel/drivers/scsi/libiscsi_tcp.ko.xz", "kernel/drivers/scsi/iscsi_tcp.ko.xz"};
    EXPECT_EQ(set.paths(), expected);
    set.add("libiscsi");
    EXPECT_EQ(set.paths(), expected) << "each once";
}

TEST(ModuleSet, has_the_drivers_of_a_device) {
    ModuleSet set(dependencies, aliases, "");
    set.add_matching("of:Nvirtio_mmioT(null)Cvirtio,mmio");
    set.add_matching("virtio:d00000001v554D4551");
    set.add_matching("usb:v0525pA4A2d0000dc02dsc00dp00ic02isc06ip00in00");
    ASSERT_EQ(set.paths().size(), 4u);
    EXPECT_EQ(module_name(set.paths()[0]), "virtio_mmio");
    EXPECT_EQ(module_name(set.paths()[1]), "failover");
    EXPECT_EQ(module_name(set.paths()[3]), "virtio_net");
}

TEST(ModuleSet, has_what_a_module_would_like_before_and_after_it) {
    ModuleSet set(dependencies, aliases,
                  "# Soft dependencies\nsoftdep ext4 pre: crc32c failover post: soundcore\n"
                  "softdep nothing\n");
    set.add("ext4");
    const std::vector<std::string_view> expected{"kernel/net/core/failover.ko.xz",
                                                 "kernel/fs/ext4/ext4.ko.xz",
                                                 "kernel/sound/soundcore.ko.xz"};
    EXPECT_EQ(set.paths(), expected);
}

bootfiles::MemoryFolder root() {
    bootfiles::MemoryFolder root;
    const std::string folder = "lib/modules/6.12.1-test/";
    root.files[folder + "modules.dep"] = dependencies;
    root.files[folder + "modules.alias"] = aliases;
    for (const char* path :
         {"drivers/net/virtio_net", "drivers/net/net_failover", "net/core/failover",
          "drivers/virtio/virtio_mmio", "drivers/scsi/iscsi_tcp", "drivers/scsi/libiscsi_tcp",
          "drivers/scsi/libiscsi", "drivers/scsi/scsi_transport_iscsi", "fs/ext4/ext4"}) {
        root.files[folder + "kernel/" + path + ".ko.xz"] =
            "\x7f"
            "ELF";
    }
    return root;
}

const OwnSystem own_system{"the init",
                           "6.12.1-test",
                           {"virtio:d00000001v554D4551"},
                           "ext4",
                           "iscsi.password=MARKER\n",
                           "root=/dev/sda2 quiet"};

TEST(OwnSystem, is_packed_with_the_modules_it_needs) {
    bootfiles::MemoryFolder files = root();
    files.files["lib/modules/6.12.1-test/kernel/fs/ext4/ext4.ko.xz"] = gzip("plain ext4");
    files.files["lib/modules/6.12.1-test/kernel/net/core/failover.ko.xz"] = std::string(
        "\xfd"
        "7zXZ\0packed",
        12);
    const auto archive = pack_own_system(own_system, files);
    ASSERT_TRUE(archive) << archive.error().what;
    EXPECT_TRUE(archive->contains("plain ext4"));
    EXPECT_TRUE(archive->contains("modules/ext4.ko"));
    EXPECT_FALSE(archive->contains("modules/ext4.ko.xz"));
    EXPECT_TRUE(archive->contains("modules/failover.ko.xz"));
    EXPECT_TRUE(
        archive->contains("failover\nnet_failover\nvirtio_net\nscsi_transport_iscsi\n"
                          "libiscsi\nlibiscsi_tcp\niscsi_tcp\next4\n"));
    EXPECT_FALSE(archive->contains("soundcore"));
    EXPECT_TRUE(archive->contains("the init"));
    EXPECT_TRUE(archive->contains("iscsi.password=MARKER"));
    EXPECT_TRUE(archive->contains("root=/dev/sda2 quiet"));
}

TEST(OwnSystem, without_modules_for_that_kernel_is_refused) {
    OwnSystem other = own_system;
    other.release = "6.12.2-test";
    const auto missing = pack_own_system(other, root());
    ASSERT_FALSE(missing);
    EXPECT_TRUE(missing.error().what.contains("6.12.2-test"));
    bootfiles::MemoryFolder incomplete = root();
    incomplete.files.erase("lib/modules/6.12.1-test/kernel/drivers/scsi/libiscsi.ko.xz");
    const auto half = pack_own_system(own_system, incomplete);
    ASSERT_FALSE(half);
    EXPECT_TRUE(half.error().what.contains("libiscsi.ko.xz"));
}

TEST(OwnSystem, as_a_forerunner_replaces_nothing_of_the_initramfs) {
    OwnSystem system = own_system;
    system.words = "iscsi.ip=10.0.0.1 iscsi.mode=pivot";
    const bootfiles::MemoryFolder files = root();
    const std::string archive = pack_forerunner(system, "/their-init", &files);
    std::map<std::string, std::string> found;
    std::string name;
    CpioReader reader({[&](const CpioEntry& entry) -> Status {
                           name = entry.name;
                           found[name];
                           return {};
                       },
                       [&](Bytes piece) -> Status {
                           found[name] += text_of(piece);
                           return {};
                       }});
    ASSERT_TRUE(reader.add(bytes_of(archive)));
    EXPECT_FALSE(found.contains("init"));
    EXPECT_EQ(found["bootwire-init"], "the init");
    EXPECT_EQ(found["bootwire.next-init"], "/their-init");
    EXPECT_EQ(found["bootwire.words"], "iscsi.ip=10.0.0.1 iscsi.mode=pivot");
    EXPECT_EQ(found["bootwire.secrets"], "iscsi.password=MARKER\n");
    EXPECT_TRUE(found["modules/load"].ends_with("iscsi_tcp\next4\n"));
    EXPECT_FALSE(found.contains("bootwire.aliases"));
}

TEST(OwnSystem, as_a_forerunner_without_a_root_takes_modules_by_alias_later) {
    bootfiles::MemoryFolder half = root();
    half.files.erase("lib/modules/6.12.1-test/kernel/drivers/scsi/libiscsi.ko.xz");
    for (const bootfiles::Folder* files :
         {static_cast<bootfiles::Folder*>(nullptr), static_cast<bootfiles::Folder*>(&half)}) {
        const std::string archive = pack_forerunner(own_system, "/init", files);
        EXPECT_TRUE(archive.contains("bootwire.aliases"));
        EXPECT_TRUE(archive.contains("virtio:d00000001v554D4551"));
        EXPECT_FALSE(archive.contains("modules/load")) << "not half of them";
        EXPECT_FALSE(archive.contains("virtio_net"));
    }
}

TEST(OwnSystem, needs_modules_in_the_order_of_loading) {
    const auto paths = needed_modules("6.12.1-test", {"virtio:d00000001v554D4551"}, "", root());
    ASSERT_TRUE(paths);
    ASSERT_EQ(paths->size(), 7u);
    EXPECT_EQ(paths->front(), "lib/modules/6.12.1-test/kernel/net/core/failover.ko.xz");
    EXPECT_EQ(paths->back(), "lib/modules/6.12.1-test/kernel/drivers/scsi/iscsi_tcp.ko.xz");
}

TEST(KernelRelease, is_in_the_banner) {
    static constexpr char rodata[] =
        "Linux version of text xxLinux version %s\0Linux version 6.12.48+deb13-arm64 (debian@x) #1";
    EXPECT_EQ(kernel_release(bytes_of({rodata, sizeof rodata})), "6.12.48+deb13-arm64");
    EXPECT_EQ(kernel_release(bytes_of("Linux version of text xxLinux version %s")), "");
    const std::string image = std::string("junk\0Linux version ", 19) + "6.12.48+deb13-arm64 (x";
    EXPECT_EQ(kernel_release(bytes_of(image)), "6.12.48+deb13-arm64");
    EXPECT_EQ(kernel_release(bytes_of("Linux version 6/../../etc (x")), "");
    EXPECT_EQ(kernel_release({}), "");
}

}  // namespace
}  // namespace bootwire::kexec
