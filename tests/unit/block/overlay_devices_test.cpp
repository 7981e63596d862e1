// What the devices of an overlay are asked for, and what they tell.
#include <gtest/gtest.h>
#include <linux/dm-ioctl.h>

#include <cstring>

#include "block/compressed_memory.h"
#include "block/device_mapper.h"

namespace bootwire::block {
namespace {

struct Request {
    dm_ioctl header;
    dm_target_spec target;
    std::string parameters;
};

Request parse(const std::vector<uint8_t>& bytes) {
    Request request{};
    std::memcpy(&request.header, bytes.data(), sizeof request.header);
    const uint8_t* const at = bytes.data() + request.header.data_start;
    std::memcpy(&request.target, at, sizeof request.target);
    request.parameters = reinterpret_cast<const char*>(at + sizeof request.target);
    return request;
}

TEST(TransientSnapshot, reads_the_origin_writes_to_the_store_and_forgets) {
    const MappedTable table = transient_snapshot(2048, "8:0", "253:1");
    EXPECT_EQ(table.target, "snapshot");
    EXPECT_EQ(table.parameters, "8:0 253:1 N 8") << "in pieces of 8 sectors: what zram stores";
}

TEST(TableRequest, is_a_header_a_target_and_its_parameters_as_the_kernel_reads_them) {
    for (const std::string parameters : {"", "1234567", "12345678", "8:0 253:1 N 8"}) {
        const auto bytes = table_request("overlay", {2048, "snapshot", parameters});
        const Request request = parse(bytes);
        EXPECT_EQ(request.header.version[0], 4u);
        EXPECT_EQ(request.header.data_size, bytes.size());
        EXPECT_EQ(request.header.data_start, sizeof(dm_ioctl));
        EXPECT_EQ(request.header.target_count, 1u);
        EXPECT_STREQ(request.header.name, "overlay");
        EXPECT_EQ(request.target.sector_start, 0u);
        EXPECT_EQ(request.target.length, 2048u);
        EXPECT_EQ(request.target.next % 8, 0u);
        EXPECT_EQ(sizeof(dm_ioctl) + request.target.next, bytes.size());
        EXPECT_STREQ(request.target.target_type, "snapshot");
        EXPECT_EQ(request.parameters, parameters);
        EXPECT_EQ(bytes.back(), 0) << "the text has an end";
    }
}

TEST(TableRequest, cuts_names_that_are_too_long_for_the_kernel) {
    const Request request =
        parse(table_request(std::string(500, 'n'), {8, std::string(99, 't'), ""}));
    EXPECT_EQ(std::strlen(request.header.name), sizeof request.header.name - 1);
    EXPECT_EQ(std::strlen(request.target.target_type), sizeof request.target.target_type - 1);
}

TEST(MemoryUse, is_the_first_and_the_third_field_of_mm_stat) {
    EXPECT_EQ(parse_memory_use(" 8192000  2500000  2621440        0  2700000       12     0 0 0\n"),
              (MemoryUse{8192000, 2621440}));
}

TEST(MemoryUse, is_not_known_of_other_texts) {
    for (const char* text : {"", "1 2", "a 2 3", "1 2 c", "-1 2 3", "1 2 99999999999999999999999"})
        EXPECT_FALSE(parse_memory_use(text)) << text;
}

}  // namespace
}  // namespace bootwire::block
