#include "common/runtime/actors.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "common/crypto/digest.h"
#include "tests/unit/common/runtime/temporary_folder.h"

namespace navkeeper::runtime {
namespace {

std::string actor(const std::string& name, const std::string& roles, const std::string& token) {
  return "[[actors]]\nname = \"" + name + "\"\nroles = " + roles + "\ntoken_sha256 = \"" +
         crypto::sha256_hex(token) + "\"\n";
}

const std::string kFile =
    actor("anna", "[\"maker\", \"operator\"]", "token-a") + actor("ben", "[\"approver\"]", "token-b");

std::string refusal(const std::string& text) {
  const auto parsed = ActorFile::parse(text, "actors.toml");
  return parsed.has_error() ? parsed.error().message() : "accepted";
}

TEST(ActorFile, NameAndTokenTogetherAreTheActor) {
  const auto file = ActorFile::parse(kFile, "actors.toml");
  ASSERT_TRUE(file.has_value()) << file.error().message();
  const auto anna = file->authenticate("anna", base::Secret("token-a"));
  ASSERT_TRUE(anna.has_value());
  EXPECT_EQ(anna->id.value(), "anna");
  EXPECT_TRUE(anna->has(model::Role::kMaker));
  EXPECT_TRUE(anna->has(model::Role::kOperator));
  EXPECT_FALSE(anna->has(model::Role::kApprover));
  EXPECT_EQ(file->authenticate(base::Secret("token-b"))->id.value(), "ben");
}

TEST(ActorFile, AWrongTokenAndAnUnknownNameAreToldTheSame) {
  const auto file = ActorFile::parse(kFile, "actors.toml");
  for (const auto& [name, token] : std::vector<std::pair<std::string, std::string>>{{"anna", "token-b"},
                                                                                    {"anna", ""},
                                                                                    {"anna", "token-a "},
                                                                                    {"carl", "token-a"},
                                                                                    {"", "token-a"},
                                                                                    {"Anna", "token-a"}}) {
    const auto refused = file->authenticate(name, base::Secret(token));
    ASSERT_TRUE(refused.has_error()) << name << " " << token;
    EXPECT_EQ(refused.error().message(), "actor: unknown actor or wrong token");
  }
  EXPECT_TRUE(file->authenticate(base::Secret("token-c")).has_error());
}

TEST(ActorFile, MistakesAreRefusedWithTheirLine) {
  EXPECT_EQ(refusal(actor("anna", "[\"boss\"]", "a")), "actors.toml:3: actors[0].roles[0]: unknown role");
  EXPECT_EQ(refusal(actor("anna", "[]", "a")), "actors.toml:3: actors[0].roles: an actor needs a role");
  EXPECT_EQ(refusal(kFile + actor("anna", "[\"viewer\"]", "c")),
            "actors.toml:10: actors[2].name: the actor is named twice");
  EXPECT_EQ(refusal(kFile + actor("carl", "[\"viewer\"]", "token-a")),
            "actors.toml:12: actors[2].token_sha256: another actor has the same token");
  EXPECT_TRUE(refusal("[[actors]]\nname = \"a\"\nroles = [\"viewer\"]\ntoken_sha256 = \"abc\"\n")
                  .starts_with("actors.toml:4: "));
  EXPECT_TRUE(refusal("[[actors]]\nname = \"a b\"\nroles = [\"viewer\"]\ntoken_sha256 = \"abc\"\n")
                  .starts_with("actors.toml:2: "));
  EXPECT_EQ(refusal(""), "actors.toml: actors: key is missing");
}

class TokenTest : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv(kTokenVariable); }
  void TearDown() override { ::unsetenv(kTokenVariable); }
  TemporaryFolder folder_;
};

TEST_F(TokenTest, ComesFromTheEnvironmentOrElseFromTheFile) {
  const std::string file = folder_.write("token", "from-file\n");
  EXPECT_EQ(read_token(file)->reveal(), "from-file");
  ::setenv(kTokenVariable, "from-environment", 1);
  EXPECT_EQ(read_token(file)->reveal(), "from-environment");
  EXPECT_EQ(read_token("")->reveal(), "from-environment");
}

TEST_F(TokenTest, AFileThatOthersCanReadOrThatIsNotOneLineIsRefused) {
  EXPECT_TRUE(read_token("").has_error());
  EXPECT_TRUE(read_token(folder_.path() + "/absent").has_error());
  EXPECT_TRUE(read_token(folder_.path()).has_error());
  EXPECT_TRUE(read_token(folder_.write("empty", "\n")).has_error());
  EXPECT_TRUE(read_token(folder_.write("two", "a\nb\n")).has_error());
  const std::string open = folder_.write("open", "a\n");
  std::filesystem::permissions(open, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  EXPECT_TRUE(read_token(open).has_error());
}

TEST_F(TokenTest, ACommandIsAuthenticatedFromFiles) {
  const std::string actors = folder_.write("actors.toml", kFile);
  const std::string token = folder_.write("token", "token-b\n");
  EXPECT_EQ(authenticate_command(actors, "ben", token)->id.value(), "ben");
  EXPECT_TRUE(authenticate_command(actors, "anna", token).has_error());
  EXPECT_EQ(authenticate_command(actors, "", token).error().message(),
            "--as: who acts must be said: --as NAME");
  EXPECT_TRUE(authenticate_command(folder_.path() + "/absent", "ben", token).has_error());
  // A name that nobody has is said to be unknown, not to lack a token.
  EXPECT_EQ(authenticate_command(actors, "zoe", "").error().message(),
            "--as zoe: is an unknown actor: " + actors +
                " names anna, ben; a new one is an [[actors]] table there with name, roles and token_sha256");
}

}  // namespace
}  // namespace navkeeper::runtime
