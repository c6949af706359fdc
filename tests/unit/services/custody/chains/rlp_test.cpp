// RLP in its one canonical form. Vectors: ethereum.org, "Recursive-length prefix (RLP) serialization",
// examples; yellow paper, appendix B.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/custody/domain/chains/rlp.h"
#include "tests/support/vectors.h"

namespace navkeeper::custody {
namespace {

using tests::hex;

base::Bytes text(std::string_view letters) { return {letters.begin(), letters.end()}; }

TEST(Rlp, PublishedVectors) {
  EXPECT_EQ(base::to_hex(rlp_string(text("dog"))), "83646f67");
  EXPECT_EQ(base::to_hex(rlp_list({rlp_string(text("cat")), rlp_string(text("dog"))})), "c88363617483646f67");
  EXPECT_EQ(base::to_hex(rlp_string({})), "80");
  EXPECT_EQ(base::to_hex(rlp_list({})), "c0");
  EXPECT_EQ(base::to_hex(rlp_string(hex("00"))), "00");
  EXPECT_EQ(base::to_hex(rlp_string(hex("0f"))), "0f");
  EXPECT_EQ(base::to_hex(rlp_string(big_endian(1024))), "820400");
  const base::Bytes none = rlp_list({});
  const base::Bytes one = rlp_list({none});
  EXPECT_EQ(base::to_hex(rlp_list({none, one, rlp_list({none, one})})), "c7c0c1c0c3c0c1c0");
  const base::Bytes lorem = rlp_string(text("Lorem ipsum dolor sit amet, consectetur adipisicing elit"));
  EXPECT_EQ(base::to_hex(lorem).substr(0, 8), "b8384c6f");
}

TEST(Rlp, OnlyTheCanonicalFormIsRead) {
  for (const char* bad : {"", "8100", "817f", "b800", "b83700", "b90038", "f800", "8364", "c883", "80ff",
                          "c0c0", "bf0000000000000001", "b900000000", "f7"}) {
    const auto bytes = hex(bad);
    const auto item = parse_rlp(bytes);
    EXPECT_TRUE(item.has_error() || rlp_items(*item, 17).has_error()) << bad;
  }
  const auto bytes = hex("c88363617483646f67");
  EXPECT_TRUE(rlp_items(*parse_rlp(bytes), 1).has_error());
  const auto items = rlp_items(*parse_rlp(bytes), 2);
  ASSERT_FALSE(items.has_error());
  EXPECT_EQ(base::Bytes((*items)[1].payload.begin(), (*items)[1].payload.end()), text("dog"));
}

RC_GTEST_PROP(RlpProperty, WhatIsWrittenIsRead, (const std::vector<base::Bytes>& strings)) {
  std::vector<base::Bytes> encoded;
  for (const base::Bytes& string : strings) encoded.push_back(rlp_string(string));
  const base::Bytes list = rlp_list(encoded);
  const auto item = parse_rlp(list);
  RC_ASSERT(!item.has_error());
  const auto items = rlp_items(*item, strings.size());
  RC_ASSERT(!items.has_error());
  RC_ASSERT(items->size() == strings.size());
  for (std::size_t i = 0; i < strings.size(); ++i)
    RC_ASSERT(base::Bytes((*items)[i].payload.begin(), (*items)[i].payload.end()) == strings[i]);
}

RC_GTEST_PROP(RlpProperty, WhatIsReadIsWrittenTheSame, (const base::Bytes& bytes)) {
  const auto item = parse_rlp(bytes);
  if (item.has_error()) return;
  if (!item->is_list) {
    RC_ASSERT(rlp_string(item->payload) == bytes);
    return;
  }
  const auto items = rlp_items(*item, bytes.size());
  if (items.has_error()) return;
  std::vector<base::Bytes> again;
  for (const RlpItem& inner : *items) again.emplace_back(inner.encoded.begin(), inner.encoded.end());
  RC_ASSERT(rlp_list(again) == bytes);
}

}  // namespace
}  // namespace navkeeper::custody
