// The trie that the sandbox makes and the proofs that custody reads: two programs, one yellow paper.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "services/custody/domain/chains/rlp.h"
#include "services/custody/domain/chains/state_proof.h"
#include "services/sandbox/chains/state_trie.h"

namespace navkeeper::sandbox {
namespace {

RC_GTEST_PROP(StateTrieProperty, ProvesWhatIsThereAndWhatIsNot, ()) {
  const auto entries = *rc::gen::container<std::map<base::Bytes, base::Bytes>>(
      rc::gen::container<base::Bytes>(rc::gen::inRange<std::uint8_t>(0, 3)),
      rc::gen::nonEmpty(rc::gen::arbitrary<base::Bytes>()));
  StateTrie trie;
  for (const auto& [key, value] : entries) trie.put(key, value);
  for (const auto& [key, value] : entries) {
    const auto proven = custody::prove(trie.root(), key, trie.prove(key));
    RC_ASSERT(!proven.has_error());
    RC_ASSERT(proven->has_value());
    RC_ASSERT(**proven == value);
  }
  const auto stranger = *rc::gen::container<base::Bytes>(rc::gen::inRange<std::uint8_t>(4, 200));
  if (entries.contains(stranger)) return;
  const auto absent = custody::prove(trie.root(), stranger, trie.prove(stranger));
  RC_ASSERT(!absent.has_error());
  RC_ASSERT(!absent->has_value());
  // Nobody's proof is another's: a path that leads elsewhere proves no absence where something is.
  for (const auto& [key, value] : entries) {
    const auto other = custody::prove(trie.root(), key, trie.prove(stranger));
    RC_ASSERT((other.has_error() || other->has_value()));
  }
}

RC_GTEST_PROP(StateTrieProperty, AProofThatWasTouchedIsRefused, ()) {
  StateTrie trie;
  const auto count = *rc::gen::inRange(1, 40);
  for (int i = 0; i < count; ++i)
    trie.put(base::Bytes{static_cast<std::uint8_t>(i)}, rlp_number(static_cast<unsigned>(i) + 1));
  const base::Bytes key{static_cast<std::uint8_t>(*rc::gen::inRange(0, 60))};
  auto nodes = trie.prove(key);
  const auto node = *rc::gen::inRange<std::size_t>(0, nodes.size());
  const auto at = *rc::gen::inRange<std::size_t>(0, nodes[node].size());
  nodes[node][at] ^= static_cast<std::uint8_t>(*rc::gen::inRange(1, 256));
  RC_ASSERT(custody::prove(trie.root(), key, nodes).has_error());
}

TEST(StateTrie, PublishedRoots) {
  EXPECT_EQ(StateTrie().root(), custody::empty_trie_root());
  // go-ethereum, trie/secure_trie_test.go, TestSecureDelete: the four entries that remain there.
  StateTrie trie;
  const auto word = [](std::string_view text) { return base::Bytes(text.begin(), text.end()); };
  for (const auto& [key, value] :
       {std::pair{"do", "verb"}, {"horse", "stallion"}, {"doge", "coin"}, {"dog", "puppy"}})
    trie.put(word(key), word(value));
  EXPECT_EQ(base::to_hex(trie.root()), "29b235a58c3c25ab83010c327d5932bcf05324b7d6b1185e650798034783ca9d");
}

}  // namespace
}  // namespace navkeeper::sandbox
