#include "services/staking/adapters/plans_at_work.h"

#include <gtest/gtest.h>

namespace navkeeper::staking {
namespace {

db::KeyedRequest request(const char* client, const char* key) {
  db::KeyedRequest one;
  one.client = client;
  one.key = key;
  return one;
}

TEST(PlansAtWork, NoneIsComputedTwiceAndFewAtOnce) {
  PlansAtWork at_work;
  {
    const auto first = at_work.take(request("maker", "a"));
    EXPECT_THROW(at_work.take(request("maker", "a")), base::Conflict);
    const auto second = at_work.take(request("other", "a"));
    EXPECT_THROW(at_work.take(request("maker", "b")), base::Unavailable);
    EXPECT_THROW(at_work.take(request("maker", "a")), base::Conflict) << "still";
  }
  const auto again = at_work.take(request("maker", "a"));
}

}  // namespace
}  // namespace navkeeper::staking
