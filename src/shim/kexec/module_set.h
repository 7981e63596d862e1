// Which of a kernel's modules are needed, from the tables that depmod has made.
// Source: modules.dep(5); modules.alias is of the same kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bootwire::kexec {

class ModuleSet {
  public:
    /// The texts must outlive the set. Lines that are not understood are passed over.
    ModuleSet(std::string_view modules_dep, std::string_view modules_alias,
              std::string_view modules_softdep);

    /// Adds the module of that name, and before it what it needs; what modules.softdep says goes
    /// before and after it, as far as the kernel has it. False if the kernel has no such
    /// module: it may be built in.
    bool add(std::string_view name);
    /// Adds every module that has an alias which matches ("of:NethernetT(null)Cbrcm,…").
    void add_matching(const std::string& alias);

    /// Paths as modules.dep has them, in an order in which they can be loaded; each once.
    const std::vector<std::string_view>& paths() const { return paths_; }

  private:
    struct Module {
        std::string name;
        std::string_view path;
        std::string_view needs;
        std::string_view before, after;  // soft dependencies
    };
    Module* find(std::string_view name);
    void add(Module& module);
    void add_all(std::string_view names);
    struct Alias {
        std::string_view pattern;
        std::string_view module;
    };
    void add_path(std::string_view path);
    void take_softdep(std::string_view line);

    std::vector<Module> modules_;  // by name
    std::vector<Alias> aliases_;
    std::vector<std::string_view> paths_;
};

/// "kernel/net/a-b.ko.xz" → "a_b".
std::string module_name(std::string_view path);

}  // namespace bootwire::kexec
