// Digests against the published vectors of their standards.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "common/base/bytes.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"

namespace navkeeper::crypto {
namespace {

base::Bytes bytes_of(std::string_view hex) {
  const auto bytes = base::from_hex(hex);
  EXPECT_TRUE(bytes.has_value()) << hex;
  return bytes.value_or(base::Bytes{});
}

TEST(Sha256, GivesTheDigestsOfTheStandard) {
  // NIST, FIPS 180-2 appendix B and the SHA-256 example values.
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(std::string(1'000'000, 'a')),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, InPiecesIsTheDigestOfTheWholeAndStartsAgain) {
  EXPECT_TRUE(rc::check("any cut", [](const std::string& a, const std::string& b, const std::string& c) {
    Sha256 hash;
    RC_ASSERT(hash.update(a).update(b).update(c).finish() == sha256(a + b + c));
    RC_ASSERT(hash.finish() == sha256(""));
  }));
  Sha256 first;
  first.update("ab");
  Sha256 moved = std::move(first);
  EXPECT_EQ(moved.update("c").finish(), sha256("abc"));
}

TEST(HmacSha256, GivesTheTagsOfRfc4231) {
  const struct {
    std::string key, data, tag;
  } cases[] = {
      {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {"0102030405060708090a0b0c0d0e0f10111213141516171819",
       "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
  };
  for (const auto& [key, data, tag] : cases) {
    EXPECT_EQ(base::to_hex(hmac_sha256(bytes_of(key), bytes_of(data))), tag);
  }
  // A key longer than a block is hashed first (case 6).
  const std::string long_key(131, '\xAA');
  EXPECT_EQ(base::to_hex(hmac_sha256(long_key, "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacSha256, IsItsDefinitionForEveryKeyAndText) {
  EXPECT_TRUE(rc::check("the definition", [](const std::string& data) {
    std::string key = *rc::gen::resize(150, rc::gen::arbitrary<std::string>());
    const Digest256 tag = hmac_sha256(key, data);
    // RFC 2104, section 2.
    if (key.size() > 64) {
      const Digest256 hashed = sha256(key);
      key.assign(hashed.begin(), hashed.end());
    }
    key.resize(64, '\0');
    std::string inner = key;
    std::string outer = key;
    for (char& c : inner) c = static_cast<char>(c ^ 0x36);
    for (char& c : outer) c = static_cast<char>(c ^ 0x5C);
    const Digest256 inside = sha256(inner + data);
    RC_ASSERT(tag == sha256(outer + std::string(inside.begin(), inside.end())));
  }));
}

TEST(HmacSha256, AgreesWithEveryWycheproofVector) {
  const char* const shared = std::getenv("NAVKEEPER_SHARED");
  const char* const source = std::getenv("NAVKEEPER_SOURCE_DIR");
  const std::filesystem::path folder =
      shared != nullptr ? std::filesystem::path(shared)
                        : std::filesystem::path(source == nullptr ? "." : source) / ".." / "shared";
  const auto file = folder / "data/vectors/wycheproof/hmac_sha256_test.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no shared test data: " << file;

  simdjson::dom::parser parser;
  const simdjson::dom::element document = parser.load(file.string());
  std::int64_t seen = 0;
  for (const simdjson::dom::element group : document["testGroups"]) {
    const auto tag_length = static_cast<std::size_t>(std::uint64_t{group["tagSize"]}) / 8;
    for (const simdjson::dom::element test : group["tests"]) {
      const Digest256 tag =
          hmac_sha256(bytes_of(std::string_view(test["key"])), bytes_of(std::string_view(test["msg"])));
      const bool valid =
          equal_constant_time(std::span(tag).first(tag_length), bytes_of(std::string_view(test["tag"])));
      EXPECT_EQ(valid, std::string_view(test["result"]) == "valid") << std::int64_t{test["tcId"]};
      ++seen;
    }
  }
  EXPECT_EQ(seen, std::int64_t{document["numberOfTests"]});
  EXPECT_GT(seen, 100);
}

TEST(EqualConstantTime, ComparesLengthAndContent) {
  const base::Bytes a = {1, 2, 3};
  EXPECT_TRUE(equal_constant_time(a, base::Bytes{1, 2, 3}));
  EXPECT_FALSE(equal_constant_time(a, base::Bytes{1, 2, 4}));
  EXPECT_FALSE(equal_constant_time(a, base::Bytes{1, 2}));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(RandomBytes, DifferAndHaveTheLengthAskedFor) {
  std::set<base::Bytes> seen;
  for (int i = 0; i < 100; ++i) seen.insert(random_bytes(16));
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_EQ(random_bytes(0).size(), 0U);
  EXPECT_EQ(random_bytes(1000).size(), 1000U);
}

}  // namespace
}  // namespace navkeeper::crypto
