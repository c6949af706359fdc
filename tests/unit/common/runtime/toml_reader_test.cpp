#include "common/runtime/toml_reader.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "common/base/refuse.h"

namespace navkeeper::runtime {
namespace {

TomlDocument document(std::string_view text) {
  auto parsed = TomlDocument::parse(text, "index.toml");
  EXPECT_TRUE(parsed.has_value()) << (parsed.has_error() ? parsed.error().message() : "");
  return std::move(*parsed);
}

std::string refusal_of_text(std::string_view text) {
  const auto parsed = TomlDocument::parse(text, "index.toml");
  return parsed.has_error() ? parsed.error().message() : "accepted";
}

template <class Read>
std::string refusal(Read&& read) {
  try {
    read();
  } catch (const base::Refused& refused) {
    return refused.what();
  }
  return "accepted";
}

TEST(TomlReader, EveryKindOfValueIsRead) {
  const auto file = document(
      "name = \"NK\"\npartitions = 12\nactive = true\nfrom = 2024-01-02\nto = \"2024-01-03\"\nfee = "
      "\"0.0095\"\n"
      "venues = [\"a\", \"b\"]\nweights = [1, \"2.5\"]\n[fee_rule]\nrate = \"1e-2\"\n[[assets]]\nid = "
      "\"BTC\"\n"
      "[[assets]]\nid = \"ETH\"\n");
  auto root = file.root();
  EXPECT_EQ(root.string("name"), "NK");
  EXPECT_EQ(root.integer("partitions", 1, 100), 12);
  EXPECT_TRUE(root.boolean("active"));
  EXPECT_EQ(root.date("from").to_string(), "2024-01-02");
  EXPECT_EQ(root.date("to").to_string(), "2024-01-03");
  EXPECT_EQ(root.decimal("fee").to_string(), "0.0095");
  EXPECT_EQ(root.strings("venues"), (std::vector<std::string>{"a", "b"}));
  const auto weights = root.array("weights");
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_EQ(weights[0].integer(), 1);
  EXPECT_EQ(weights[1].decimal().to_string(), "2.5");
  auto rule = root.table("fee_rule");
  EXPECT_EQ(rule.decimal("rate").to_string(), "0.01");
  rule.finish();
  auto assets = root.tables("assets");
  ASSERT_EQ(assets.size(), 2u);
  EXPECT_EQ(assets[1].string("id"), "ETH");
  EXPECT_EQ(root.optional_string("absent"), std::nullopt);
  EXPECT_EQ(root.optional_date("absent"), std::nullopt);
  EXPECT_TRUE(root.optional_tables("absent").empty());
  root.finish();
}

TEST(TomlReader, RefusalsNameFileLineAndKey) {
  const auto file = document("a = 1\n\n[fee]\nrate = 0.5\nbase = 2\n[[assets]]\nid = 7\n");
  auto root = file.root();
  EXPECT_EQ(refusal([&] { root.string("a"); }), "index.toml:1: a: must be a string, not a whole number");
  EXPECT_EQ(refusal([&] { root.integer("a", 2, 3); }), "index.toml:1: a: must be between 2 and 3");
  EXPECT_EQ(refusal([&] { root.string("missing"); }), "index.toml: missing: key is missing");
  auto fee = root.table("fee");
  EXPECT_EQ(refusal([&] { fee.decimal("rate"); }),
            "index.toml:4: fee.rate: must be a decimal in quotes, not a bare number");
  EXPECT_EQ(refusal([&] { fee.decimal("base"); }),
            "index.toml:5: fee.base: must be a decimal in quotes, not a bare number");
  EXPECT_EQ(refusal([&] { fee.string("of"); }), "index.toml:3: fee.of: key is missing");
  auto assets = root.tables("assets");
  EXPECT_EQ(refusal([&] { assets[0].string("id"); }),
            "index.toml:7: assets[0].id: must be a string, not a whole number");
}

TEST(TomlReader, AnUnknownKeyIsRefusedWithItsLine) {
  const auto file = document("zebra = 1\napple = 2\n");
  auto root = file.root();
  EXPECT_EQ(root.keys(), (std::vector<std::string>{"zebra", "apple"}));
  root.integer("zebra");
  EXPECT_EQ(refusal([&] { root.finish(); }), "index.toml:2: apple: unknown key");
}

TEST(TomlReader, ARepeatedKeyIsRefusedWithItsLine) {
  const std::string message = refusal_of_text("a = 1\nb = 2\na = 3\n");
  EXPECT_TRUE(message.starts_with("index.toml:3: ")) << message;
  EXPECT_NE(message.find("'a'"), std::string::npos) << message;
}

TEST(TomlReader, TextThatIsNotAsciiStandsInStringsAndCommentsOnly) {
  const auto file = document(
      "# Zürich — \"\n\"clé\" = 'é' # ü\nb = \"\"\"\né \\\" \\\n  ok \"\"\"\"\nc = \'\'\'é\\\'\'\'\n");
  EXPECT_EQ(file.root().keys().size(), 3U);
  EXPECT_EQ(refusal_of_text("a = 1\n\u00e9 = 2\n"),
            "index.toml:2: text that is not ASCII outside quotes and comments");
  EXPECT_EQ(refusal_of_text("a = 'x' \u00a0\n"),
            "index.toml:1: text that is not ASCII outside quotes and comments");
  EXPECT_EQ(refusal_of_text("a = \"\"\"x\\\n \u00e9\"\"\"\n"),
            "index.toml:2: text that is not ASCII outside quotes and comments");
}

TEST(TomlReader, AKeyOfThousandsOfPartsIsRefusedBeforeItIsRead) {
  std::string deep = "a";
  for (int i = 0; i < 50'000; ++i) deep += ".a";
  const std::string refused = "a dotted key of more than 32 parts";
  EXPECT_EQ(refusal_of_text("b = 1\n" + deep + " = 1\n"), "index.toml:2: " + refused);
  EXPECT_EQ(refusal_of_text("[" + deep + "]\n"), "index.toml:1: " + refused);
  EXPECT_EQ(refusal_of_text("x = { " + deep + " = 1 }\n"), "index.toml:1: " + refused);
  EXPECT_EQ(document("a.b.c = 1.5\nd = [1.5, 2.5]\ne = \"" + deep + "\"\n").root().keys().size(), 3U);
}

TEST(TomlReader, AKeyIsShownWithoutControlCharactersAndNotWhole) {
  const auto file = document("\"a\\u001b[31m\" = 1\n");
  TomlReader root = file.root();
  EXPECT_EQ(refusal([&] { root.finish(); }), "index.toml:1: a?[31m: unknown key");
  const auto longer = document(std::string(5'000, 'k') + " = 1\n");
  TomlReader long_root = longer.root();
  EXPECT_LT(refusal([&] { long_root.finish(); }).size(), 300U);
}

TEST(TomlReader, BrokenFilesAreRefusedWithTheirLine) {
  EXPECT_TRUE(refusal_of_text("a = \n").starts_with("index.toml:1: "));
  EXPECT_TRUE(refusal_of_text("a = 1\nb = \"open\n").starts_with("index.toml:2: "));
  EXPECT_TRUE(refusal_of_text("a = \"\xff\"\n").starts_with("index.toml"));
  EXPECT_NE(refusal_of_text("a = 99999999999999999999\n"), "accepted");
  EXPECT_NE(refusal_of_text(std::string(5000, '[')), "accepted");
  EXPECT_TRUE(refusal_of_text("a = 1\n\xC3\xA9 = 1\n").starts_with("index.toml:2: "));
  EXPECT_TRUE(refusal_of_text("\xEF\xBB\xAF").starts_with("index.toml:1: "));
  EXPECT_EQ(refusal_of_text(std::string(kTomlBytesMax + 1, ' ')),
            "index.toml: the file is larger than 1048576 bytes");
}

TEST(TomlReader, ADateThatDoesNotExistIsRefused) {
  const auto file = document("from = \"2023-02-29\"\n");
  auto root = file.root();
  EXPECT_EQ(refusal([&] { root.date("from"); }), "index.toml:1: from: must be a date YYYY-MM-DD that exists");
}

TEST(TomlDocument, AFileThatCannotBeReadIsRefused) {
  const auto loaded = TomlDocument::load("/nonexistent/index.toml");
  ASSERT_TRUE(loaded.has_error());
  EXPECT_EQ(loaded.error().message(),
            "/nonexistent/index.toml: the file cannot be read: No such file or directory");
  EXPECT_TRUE(TomlDocument::load("/").has_error());
}

TEST(TomlDocument, AFileIsLoadedWithItsBytes) {
  const std::string path = testing::TempDir() + "/navkeeper_toml_reader_test.toml";
  std::ofstream(path) << "# a comment\na = 1\n";
  const auto loaded = TomlDocument::load(path);
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->text(), "# a comment\na = 1\n");
  EXPECT_EQ(loaded->root().integer("a"), 1);
}

}  // namespace
}  // namespace navkeeper::runtime
