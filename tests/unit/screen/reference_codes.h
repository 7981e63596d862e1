// Codes that another program made: qrencode 4.1.1, `qrencode -l M -8 -m 0 -t ASCII`. Rows from the
// top, each from its left module (the highest bit of as many as there are modules).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace bootwire::screen {

struct ReferenceCode {
    std::string_view text;
    std::vector<uint64_t> rows;
};

inline const std::array reference_codes{
    ReferenceCode{"http://a.b/#c",
                  {0x1fda7f, 0x105b41, 0x174f5d, 0x17595d, 0x174e5d, 0x104f41, 0x1fd57f,
                   0x1700,   0x16e74b, 0x5913f,  0x8faeb,  0x1f3baa, 0x116159, 0x1390,
                   0x1fd6d0, 0x105e9e, 0x174a36, 0x175182, 0x175d64, 0x104d59, 0x1fdfcc}},
    ReferenceCode{"https://example.org/a#no-l",
                  {0x1fd787f, 0x1042941, 0x1754c5d, 0x174fe5d, 0x174dc5d, 0x105ec41, 0x1fd557f,
                   0x4700,    0x1461525, 0x16b6aeb, 0x6d829d,  0x597528,  0x6fd361,  0x998363,
                   0x1d6ffcd, 0x62d5b8,  0x1c515f2, 0x17111,   0x1fd6551, 0x104d711, 0x17413f2,
                   0x174a896, 0x175a3bb, 0x10433f0, 0x1fd5149}},
    ReferenceCode{"https://example.org/help#no-dhcp-answer",
                  {0x1fc75f7f, 0x104cf141, 0x1757455d, 0x175af85d, 0x1751135d, 0x105e6441,
                   0x1fd5557f, 0x1c5400,   0x17c9ce7c, 0x90b5771,  0x1c67bdb0, 0x4a323aa,
                   0x1a752a0c, 0x1f889ef1, 0x1ec4f97c, 0xc95b792,  0x125f480c, 0x18b70ff5,
                   0x12e82814, 0x179e6202, 0x10ec3df7, 0x11df1f,   0x1fc6f35c, 0x10508311,
                   0x175269f4, 0x175817af, 0x175ca3fe, 0x1042e57a, 0x1fdc8af4}},
    ReferenceCode{
        "https://example.org/bootwire/help.html#no-disk-on-the-lun",
        {0x1fc917a7f, 0x104830141, 0x175f52d5d, 0x17580c45d, 0x175cff25d, 0x105408c41, 0x1fd55557f,
         0x1d10900,   0x17c2ca67c, 0xc2d8f26d,  0x1865f1014, 0x178cb3cdc, 0x10c97a3b8, 0x69bafa6b,
         0x1d4a78de2, 0x32061cdc,  0xff8a81b1,  0x3b15a26f,  0x1af9e1cf6, 0xa0587d7c,  0x1176e95bb,
         0x170333241, 0x104481486, 0x1535d589e, 0x13481a7f9, 0x1213115,   0x1fc2f0756, 0x105622f1e,
         0x175c885fa, 0x1754a619f, 0x175c284e4, 0x104353cdc, 0x1fdb8b5e2}},
    ReferenceCode{
        "https://example.org/bootwire/troubleshooting#user-name-or-secret-is-refused",
        {0x1fc585bd7f, 0x10490e4f41, 0x1756b7f35d, 0x1754ca4c5d, 0x175a07205d, 0x1050a5db41,
         0x1fd555557f, 0x1741c700,   0x17cd844e7c, 0xb8ab8682a,  0x14d1008ed7, 0x1983d5d4f1,
         0xf65896ed7,  0x9175fe5a0,  0xdc6a90679,  0x426ffa7f2,  0x1671727dd7, 0x1c2627a122,
         0x12fdb10b23, 0x1f3fa18171, 0x6d8387cd4,  0x1f1213a108, 0x18f974cabb, 0x5b552e6f0,
         0x1cfd447ed6, 0x1b84b3b508, 0x14c48ddf57, 0x162652c7c2, 0x157f0919fc, 0x125fa118,
         0x1fc6f85957, 0x10555db11b, 0x1759114ff4, 0x17592f68d1, 0x1756754d03, 0x1044a5c7d1,
         0x1fd3e95ed7}},
    ReferenceCode{
        "https://example.org/"
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        {0x1fcbcaaaa7f, 0x105f7aaaa41, 0x174e255555d, 0x1741855555d, 0x17530a2a25d, 0x1043ba6ee41,
         0x1fd5555557f, 0xddaeae00,    0x1543bafbb12, 0x601b51154d,  0x10fe8555417, 0x59bea8a9b2,
         0xa62aa88ae8,  0x1685855554d, 0x8fcb555557,  0x1d99eaaaa72, 0x2709aaaa68,  0x1017a55554d,
         0x1bdbb555517, 0x1f908aaaaa2, 0x4dcdaaaae8,  0x18b7a55d54f, 0x1ddfb591517, 0x1fbccaeeab3,
         0x4eccaaebe8,  0xe8e0551041,  0xae41544417,  0x1f24ca9b9b2, 0x1c2daaaae8,  0x60c455554d,
         0x13672555517, 0xfa7faaaaf2,  0x11d1caaabf8, 0x15c55551d,   0x1fc16555757, 0x104bdaaa912,
         0x1759e6aa9f8, 0x17458955e9f, 0x1759ad59437, 0x104f1eaade2, 0x1fd5f2bbb7b}},
};

}  // namespace bootwire::screen
