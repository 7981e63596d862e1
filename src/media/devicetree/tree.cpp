#include "devicetree/tree.h"

#include <libfdt.h>

#include <algorithm>

#include "devicetree/bootargs.h"
#include "devicetree/fragments.h"
#include "devicetree/inner_fragments.h"
#include "devicetree/labels.h"

namespace bootwire::devicetree {

namespace {

constexpr size_t room = 256 << 10;  // for what is added
constexpr int deepest = 32;         // nodes inside each other
constexpr size_t header_size = 40;
constexpr uint32_t oldest_version = 16;  // Devicetree Specification 0.4, 5.2: last_comp_version

std::unexpected<Error> failed(const std::string& what, int code) {
    return fail(what + ": " + fdt_strerror(code));
}

int size_of(std::string_view bytes) {
    return static_cast<int>(bytes.size());
}

/// libfdt merges node by node with a function that calls itself; PID 1's stack is no larger than
/// any.
bool is_too_deep(const std::string& blob) {
    int depth = 0;
    for (int node = 0; node >= 0; node = fdt_next_node(blob.data(), node, &depth))
        if (depth > deepest) return true;
    return false;
}

std::unexpected<Error> too_deep() {
    return fail("the device tree has more than 32 nodes inside each other");
}

std::string parent_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<Tree> Tree::parse(std::string_view bytes) {
    if (bytes.size() > largest_tree) return fail("the device tree is larger than 2 MiB");
    std::string blob(bytes);
    // Of older ones fdt_check_full() takes for granted that the root's name has a '/'
    // (libfdt 1.6.1).
    if (blob.size() >= header_size && fdt_version(blob.data()) < oldest_version) {
        return fail("that is no device tree, or one of a format that no kernel for arm64 reads");
    }
    if (fdt_check_full(blob.data(), blob.size()) != 0) return fail("that is no device tree");
    if (is_too_deep(blob)) return too_deep();
    blob.resize(std::min(blob.size() + room, largest_tree + room));
    std::string roomy(blob.size(), '\0');
    if (const int code = fdt_open_into(blob.data(), roomy.data(), size_of(roomy)); code != 0) {
        return failed("the device tree cannot be changed", code);
    }
    return Tree(std::move(roomy));
}

int Tree::node(const std::string& path) const {
    return fdt_path_offset_namelen(data(), path.data(), size_of(path));
}

bool Tree::has(const std::string& path) const {
    return path.starts_with('/') && node(path) >= 0;
}

std::optional<std::string> Tree::property(const std::string& path, const std::string& name) const {
    const int offset = node(path);
    if (offset < 0) return std::nullopt;
    int length = 0;
    const void* const value = fdt_getprop(data(), offset, name.c_str(), &length);
    if (value == nullptr) return std::nullopt;
    return std::string(static_cast<const char*>(value), static_cast<size_t>(length));
}

Properties Tree::values(const std::string& path) const {
    Properties values;
    const int start = node(path);
    if (start < 0) return values;
    for (int offset = fdt_first_property_offset(data(), start); offset >= 0;
         offset = fdt_next_property_offset(data(), offset)) {
        const char* name = nullptr;
        int length = 0;
        const void* const value = fdt_getprop_by_offset(data(), offset, &name, &length);
        if (value == nullptr || name == nullptr) continue;
        values.emplace(name,
                       std::string(static_cast<const char*>(value), static_cast<size_t>(length)));
    }
    return values;
}

std::vector<std::string> Tree::children(const std::string& path) const {
    std::vector<std::string> paths;
    const int start = node(path);
    if (start < 0 || std::ranges::count(path, '/') > deepest) return paths;
    for (int offset = fdt_first_subnode(data(), start); offset >= 0;
         offset = fdt_next_subnode(data(), offset)) {
        const char* const name = fdt_get_name(data(), offset, nullptr);
        if (name != nullptr) paths.push_back((path == "/" ? "" : path) + "/" + name);
    }
    return paths;
}

std::string Tree::alias(const std::string& name) const {
    const char* const path = fdt_get_alias(data(), name.c_str());
    return path != nullptr && has(path) ? path : "";
}

std::string Tree::path_at(int offset) const {
    char path[1024];
    return offset >= 0 && fdt_get_path(data(), offset, path, sizeof path) == 0 ? path : "";
}

std::string Tree::full_path(const std::string& path) const {
    return path_at(node(path));
}

std::string Tree::with_phandle(uint32_t phandle) const {
    return path_at(fdt_node_offset_by_phandle(data(), phandle));
}

uint32_t Tree::phandle(const std::string& path) const {
    const int offset = node(path);
    return offset >= 0 ? fdt_get_phandle(data(), offset) : 0;
}

Result<uint32_t> Tree::largest_phandle() const {
    uint32_t largest = 0;
    const int code = fdt_find_max_phandle(data(), &largest);
    if (code != 0) return failed("the device tree's nodes cannot be numbered", code);
    return largest;
}

bool Tree::replace_cell(const std::string& path, const std::string& name, size_t offset,
                        uint32_t value) {
    int length = 0;
    const int at = node(path);
    void* const whole = at < 0 ? nullptr : fdt_getprop_w(data(), at, name.c_str(), &length);
    if (whole == nullptr || length < 4 || offset > static_cast<size_t>(length) - 4) return false;
    const std::string bytes = cell(value);
    std::copy(bytes.begin(), bytes.end(), static_cast<char*>(whole) + offset);
    return true;
}

Status Tree::add_node(const std::string& path) {
    if (has(path)) return {};
    if (!path.starts_with('/') || std::ranges::count(path, '/') > deepest) {
        return fail("the device tree cannot have a node " + path);
    }
    const std::string parent = parent_of(path);
    if (auto made = add_node(parent); !made) return made;
    const std::string name = path.substr(path.rfind('/') + 1);
    const int code = fdt_add_subnode(data(), node(parent), name.c_str());
    return code < 0 ? Status(failed("the device tree cannot have a node " + path, code)) : Status();
}

Status Tree::set(const std::string& path, const std::string& name, std::string_view value) {
    if (auto made = add_node(path); !made) return made;
    const int code = fdt_setprop(data(), node(path), name.c_str(), value.data(), size_of(value));
    if (code != 0) return failed("the device tree has no room for " + path + "/" + name, code);
    return {};
}

void Tree::remove(const std::string& path, const std::string& name) {
    if (const int offset = node(path); offset >= 0) fdt_delprop(data(), offset, name.c_str());
}

void Tree::remove_node(const std::string& path) {
    if (const int offset = node(path); offset > 0) fdt_del_node(data(), offset);
}

Status Tree::rename(const std::string& path, const std::string& name) {
    const int code = fdt_set_name(data(), node(path), name.c_str());
    return code != 0 ? Status(failed("the device tree cannot have another name for " + path, code))
                     : Status();
}

std::vector<std::pair<uint64_t, uint64_t>> Tree::reservations() const {
    std::vector<std::pair<uint64_t, uint64_t>> found;
    const int count = fdt_num_mem_rsv(data());
    for (int i = 0; i < count; ++i) {
        uint64_t address = 0;
        uint64_t size = 0;
        if (fdt_get_mem_rsv(data(), i, &address, &size) == 0) found.emplace_back(address, size);
    }
    return found;
}

Status Tree::add_reservation(uint64_t address, uint64_t size) {
    const int code = fdt_add_mem_rsv(data(), address, size);
    return code != 0 ? Status(failed("the device tree can reserve no more memory", code))
                     : Status();
}

Status Tree::apply(Tree overlay) {
    // Nor would there be time: looking for a node takes as long as the overlay is large.
    if (overlay.pack().size() > room) return fail("the overlay is larger than 256 KiB");
    if (auto done = resolve_labels(*this, overlay); !done) return done;
    if (auto done = merge_inner_fragments(overlay); !done) return done;
    const auto numbering = keep_numbers(*this, overlay);
    if (!numbering) return std::unexpected(numbering.error());
    if (auto done = settle_references(overlay, *numbering); !done) return done;
    if (auto done = append_bootargs(*this, overlay); !done) return done;
    hide_labels(*this, overlay);
    const int code = fdt_overlay_apply(data(), overlay.data());
    if (code != 0) return failed("the overlay does not fit the device tree", code);
    return is_too_deep(blob_) ? too_deep() : Status();
}

std::string Tree::pack() const {
    std::string packed = blob_;
    fdt_pack(packed.data());
    packed.resize(std::min<size_t>(fdt_totalsize(packed.data()), packed.size()));
    return packed;
}

std::optional<size_t> Tree::offset_when_packed(const std::string& path,
                                               const std::string& name) const {
    const std::string packed = pack();
    const int offset = fdt_path_offset(packed.data(), path.c_str());
    if (offset < 0) return std::nullopt;
    const void* const value = fdt_getprop(packed.data(), offset, name.c_str(), nullptr);
    if (value == nullptr) return std::nullopt;
    return static_cast<size_t>(static_cast<const char*>(value) - packed.data());
}

std::string cell(uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
            static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::optional<uint32_t> cell_at(std::string_view value, size_t offset) {
    if (offset > value.size() || value.size() - offset < 4) return std::nullopt;
    uint32_t number = 0;
    for (size_t i = 0; i < 4; ++i)
        number = number << 8 | static_cast<uint8_t>(value[offset + i]);
    return number;
}

}  // namespace bootwire::devicetree
