// Disks for tests: in memory, or sparse files made by the tools that people make theirs with.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "storage/block_source.h"

namespace bootwire::disk {

class MemoryDisk : public storage::BlockSource {
  public:
    explicit MemoryDisk(size_t size, uint32_t block = 512) : bytes(size), block_(block) {}

    uint64_t size() const override { return bytes.size(); }
    uint32_t block_size() const override { return block_; }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (offset > bytes.size() || into.size() > bytes.size() - offset) {
            return fail("behind the end");
        }
        std::copy_n(bytes.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
        return {};
    }

    std::vector<uint8_t> bytes;

  private:
    uint32_t block_;
};

/// Another disk, of which one reading fails: the first one is number 0.
class FailingDisk : public storage::BlockSource {
  public:
    static constexpr char why[] = "the disk does not answer";

    FailingDisk(const storage::BlockSource& disk, size_t failing)
        : disk_(disk), failing_(failing) {}
    uint64_t size() const override { return disk_.size(); }
    uint32_t block_size() const override { return disk_.block_size(); }
    Status read(uint64_t offset, MutableBytes into) const override {
        if (readings_++ == failing_) return fail(why);
        return disk_.read(offset, into);
    }
    bool has_failed() const { return readings_ > failing_; }

  private:
    const storage::BlockSource& disk_;
    const size_t failing_;
    mutable size_t readings_ = 0;
};

/// A file that pretends to have blocks of another size, as a 4K disk has.
template <class Device>
class WithBlockSize : public storage::BlockSource {
  public:
    WithBlockSize(const Device& device, uint32_t block) : device_(device), block_(block) {}
    uint64_t size() const override { return device_.size(); }
    uint32_t block_size() const override { return block_; }
    Status read(uint64_t offset, MutableBytes into) const override {
        return device_.read(offset, into);
    }

  private:
    const Device& device_;
    uint32_t block_;
};

/// A folder that goes with the test, and commands run in it.
class Workshop : public testing::Test {
  protected:
    void SetUp() override {
        char name[] = "/tmp/bootwire-disk-XXXXXX";
        ASSERT_NE(mkdtemp(name), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ + '/' + name; }

    void make_image(const std::string& name, uint64_t size) const {
        std::ofstream(path(name)).put(0);
        std::filesystem::resize_file(path(name), size);
    }

    /// Changes a byte, whatever it is.
    void flip(const std::string& name, std::streamoff at) const {
        std::fstream file(path(name), std::ios::in | std::ios::out | std::ios::binary);
        file.seekg(at);
        const int before = file.get();
        file.seekp(at);
        file.put(static_cast<char>(before ^ 1));
        ASSERT_TRUE(file.flush()) << name;
    }

    /// What the command prints; sets succeeded().
    std::string run(const std::string& command) {
        const std::string line =
            "cd " + folder_ + " && PATH=$PATH:/usr/sbin:/sbin " + command + " 2>&1";
        std::string output;
        FILE* pipe = popen(line.c_str(), "r");
        if (pipe == nullptr) return {};
        std::array<char, 4096> buffer;
        while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe))
            output.append(buffer.data(), count);
        succeeded_ = pclose(pipe) == 0;
        return output;
    }
    bool succeeded() const { return succeeded_; }

    bool has_tool(const std::string& tool) {
        run("command -v " + tool + " >/dev/null");
        return succeeded_;
    }

  private:
    std::string folder_;
    bool succeeded_ = false;
};

#define NEEDS_TOOL(tool) \
    if (!has_tool(tool)) GTEST_SKIP() << tool " is not installed: nothing is tested here"

}  // namespace bootwire::disk
