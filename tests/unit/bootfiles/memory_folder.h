// A boot partition in memory.
#pragma once

#include <map>
#include <string>

#include "bootfiles/folder.h"

namespace bootwire::bootfiles {

class MemoryFolder : public Folder {
  public:
    std::map<std::string, std::string> files;

    bool exists(const std::string& path) const override { return files.contains(path); }
    Result<std::string> read(const std::string& path, size_t max_size) const override {
        const auto found = files.find(path);
        if (found == files.end()) return fail("cannot open " + path);
        if (found->second.size() > max_size) return fail(path + " is too large");
        return found->second;
    }
    std::vector<std::string> list(const std::string& path) const override {
        std::vector<std::string> names;
        for (const auto& [name, text] : files) {
            if (name.starts_with(path + "/")) names.push_back(name.substr(path.size() + 1));
        }
        return names;
    }
};

}  // namespace bootwire::bootfiles
