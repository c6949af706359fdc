// The configuration that ships as an example: every service reads its own tables from it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "common/base/refuse.h"
#include "common/runtime/config.h"
#include "services/custody/adapters/settings.h"
#include "services/nav/adapters/indicative_settings.h"
#include "services/pricing/adapters/settings.h"
#include "services/staking/adapters/settings.h"

namespace navkeeper {
namespace {

TEST(ConfigurationExample, EveryServiceReadsItsTables) {
  const char* source = std::getenv("NAVKEEPER_SOURCE_DIR");
  ASSERT_NE(source, nullptr);
  const std::string file = std::string(source) + "/config/navkeeper.example.toml";
  const auto config = base::value_or_refuse(
      runtime::load_config(file, "home", [](const char*) -> const char* { return nullptr; }));
  EXPECT_EQ(config.database_url.reveal(), "postgresql://db.example/navkeeper");
  EXPECT_EQ(config.actor_file, std::string(source) + "/config/actors.toml");
  EXPECT_EQ(config.endpoint("nav").port, 4704);

  const auto pricing = pricing::read_settings(*config.own_table("pricing"), config.folder);
  EXPECT_EQ(pricing.venues.size(), 2U);
  EXPECT_EQ(pricing.resume_hours, 48);
  const auto custody = custody::read_settings(*config.own_table("custody"), config.folder);
  EXPECT_EQ(custody.custodians.size(), 1U);
  EXPECT_EQ(custody.addresses.size(), 1U);
  EXPECT_NE(custody.chains, nullptr);
  const auto staking = staking::read_settings(*config.own_table("staking"), config.folder);
  EXPECT_EQ(staking.ethereum.size(), 1U);
  EXPECT_EQ(staking.cronos.size(), 1U);
  EXPECT_EQ(staking.dollars.size(), 1U);
  nav::read_indicative_settings(*config.own_table("nav"));
}

}  // namespace
}  // namespace navkeeper
