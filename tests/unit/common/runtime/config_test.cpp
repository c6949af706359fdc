#include "common/runtime/config.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/unit/common/runtime/temporary_folder.h"

namespace navkeeper::runtime {
namespace {

const char* no_environment(const char*) { return nullptr; }

class ConfigTest : public testing::Test {
 protected:
  base::Checked<Config> load(const std::string& text) {
    return load_config(folder_.write("navkeeper.toml", text), "/var/home", no_environment);
  }
  // The refusal without the folder that only this run has.
  std::string refusal(const std::string& text) {
    const auto config = load(text);
    return config.has_error() ? config.error().message().substr(folder_.path().size() + 1) : "accepted";
  }
  TemporaryFolder folder_;
};

TEST_F(ConfigTest, NoFileIsNeeded) {
  const auto config = load_config("", "/var/home", no_environment);
  ASSERT_TRUE(config.has_value());
  EXPECT_TRUE(config->database_url.empty());
  EXPECT_EQ(config->log_level, log::Level::kInfo);
  EXPECT_EQ(config->actor_file, "/var/home/actors.toml");
  EXPECT_FALSE(config->tls.has_value());
  ASSERT_EQ(config->services.size(), kServices.size());
  EXPECT_EQ(config->endpoint("pricing").port, 4701);
  EXPECT_EQ(config->endpoint("nav").url, "http://127.0.0.1:4704");
  EXPECT_EQ(config->endpoint("gateway").address, "127.0.0.1");
}

TEST_F(ConfigTest, EveryKeyIsRead) {
  folder_.write("nav_password", "s3cret\n");
  const auto config = load(
      "[database]\nurl = \"postgresql://h/n\"\npassword_files = { navkeeper_nav = \"nav_password\" "
      "}\n[log]\nlevel = \"debug\"\n"
      "[actors]\nfile = \"a.toml\"\ntoken_file = \"/t\"\n[tls]\ncertificate_file = \"c\"\nkey_file = "
      "\"k\"\nca_file = \"ca\"\n"
      "require_client_certificate = true\n[services.pricing]\nlisten = \"0.0.0.0\"\nport = "
      "80\n[services.nav]\nurl = \"https://nav\"\n");
  ASSERT_TRUE(config.has_value()) << config.error().message();
  EXPECT_EQ(config->database_url.reveal(), "postgresql://h/n");
  EXPECT_EQ(config->database_passwords.at("navkeeper_nav").reveal(), "s3cret");
  EXPECT_EQ(config->log_level, log::Level::kDebug);
  EXPECT_EQ(config->actor_file, folder_.path() + "/a.toml");
  EXPECT_EQ(config->token_file, "/t");
  ASSERT_TRUE(config->tls.has_value());
  EXPECT_TRUE(config->tls->require_client_certificate);
  EXPECT_EQ(config->endpoint("pricing").url, "https://127.0.0.1:80");
  EXPECT_EQ(config->endpoint("nav").url, "https://nav");
}

TEST_F(ConfigTest, MistakesAreRefusedWithFileLineAndKey) {
  EXPECT_EQ(refusal("[log]\nlevel = \"loud\"\n"),
            "navkeeper.toml:2: log.level: must be debug, info, warning, error or off");
  EXPECT_EQ(refusal("colour = 1\n"), "navkeeper.toml:1: colour: unknown key");
  EXPECT_EQ(refusal("[services.pricng]\nport = 1\n"), "navkeeper.toml:1: services.pricng: unknown service");
  EXPECT_EQ(refusal("[services.nav]\nport = 65536\n"),
            "navkeeper.toml:2: services.nav.port: must be between 0 and 65535");
  EXPECT_EQ(refusal("[services.nav]\nurl = \"nav:80\"\n"),
            "navkeeper.toml:2: services.nav.url: must begin with http:// or https://");
  EXPECT_EQ(refusal("[database]\nurl = \"x\"\nurl_file = \"y\"\n"),
            "navkeeper.toml:3: database.url_file: url is given too");
  EXPECT_TRUE(refusal("[database]\nurl_file = \"absent\"\n")
                  .starts_with("navkeeper.toml:2: database.url_file: the secret file "));
  EXPECT_EQ(refusal("[tls]\ncertificate_file = \"c\"\n"), "navkeeper.toml:1: tls.key_file: key is missing");
}

TEST_F(ConfigTest, AServicesOwnTableIsKeptForIt) {
  const auto config = load("[pricing]\ncolour = \"red\"\n");
  ASSERT_TRUE(config.has_value()) << config.error().message();
  EXPECT_EQ(config->own_table("pricing")->string("colour"), "red");
  EXPECT_FALSE(config->own_table("nav").has_value());
  EXPECT_FALSE(load_config("", "/h", no_environment)->own_table("pricing").has_value());
  EXPECT_EQ(refusal("[pricng]\ncolour = 1\n"), "navkeeper.toml:1: pricng: unknown key");
}

TEST_F(ConfigTest, TheEnvironmentGoesBeforeTheFile) {
  const std::map<std::string, std::string> values = {{"NAVKEEPER_DATABASE_URL", "postgresql://other/n"},
                                                     {"NAVKEEPER_LOG_LEVEL", "error"}};
  const auto environment = [&](const char* name) -> const char* {
    const auto found = values.find(name);
    return found == values.end() ? nullptr : found->second.c_str();
  };
  const auto config = load_config(
      folder_.write("n.toml", "[database]\nurl = \"postgresql://h/n\"\n[log]\nlevel = \"debug\"\n"), "/h",
      environment);
  ASSERT_TRUE(config.has_value());
  EXPECT_EQ(config->database_url.reveal(), "postgresql://other/n");
  EXPECT_EQ(config->log_level, log::Level::kError);
  const auto wrong = load_config("", "/h", [](const char*) { return "loud"; });
  ASSERT_TRUE(wrong.has_error());
  EXPECT_EQ(wrong.error().where, "NAVKEEPER_LOG_LEVEL");
}

}  // namespace
}  // namespace navkeeper::runtime
