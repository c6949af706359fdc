#include "common/runtime/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "common/runtime/progress.h"

namespace navkeeper::runtime {
namespace {

TEST(Table, AlignsTextLeftAndNumbersRight) {
  Table table({{"fund"}, {"NAV", Align::kRight}, {"note"}});
  table.row({"A", "1.5", "x"}).row({"Longer", "12345.67", ""});
  EXPECT_EQ(table.to_string(),
            "fund         NAV  note\n"
            "------  --------  ----\n"
            "A            1.5  x\n"
            "Longer  12345.67\n");
}

TEST(Table, AlignsByWhatIsSeenNotByBytes) {
  Table table({{"name"}, {"n", Align::kRight}});
  table.row({"Zürich", "1"}).row({"東京", "2"}).row({"e\xCC\x81t", "3"});
  EXPECT_EQ(table.to_string(),
            "name    n\n"
            "------  -\n"
            "Zürich  1\n"
            "東京    2\n"
            "e\xCC\x81t      3\n");
}

TEST(Table, ControlCharactersDoNotReachTheTerminal) {
  Table table({{"a"}});
  table.row({"x\x1b[2Jy\n"});
  EXPECT_EQ(table.to_string(), "a\n-------\nx?[2Jy?\n");
}

TEST(DisplayWidth, CountsColumns) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("\xF0\x9F\x98\x80"), 2u);
  EXPECT_EQ(display_width("\xff\xfe"), 2u);
}

TEST(TableDeathTest, ARowOfAnotherLengthIsABug) { EXPECT_DEATH(Table({{"a"}}).row({"1", "2"}), ""); }

TEST(Progress, IsSilentWhenItIsNotVisible) {
  std::ostringstream out;
  {
    Progress progress(out, false, "importing", 10);
    progress.advance(10);
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, DrawsOnlyWhatChangesAndClearsItsLine) {
  std::ostringstream out;
  {
    Progress progress(out, true, "importing", 1'000'000);
    const std::size_t at_first = out.str().size();
    progress.advance(1);
    EXPECT_EQ(out.str().size(), at_first) << "still 0%";
    progress.advance_to(500'000);
    EXPECT_NE(out.str().find("importing [###############               ] 50%"), std::string::npos);
    progress.advance_to(UINT64_MAX);
    EXPECT_NE(out.str().find("] 100%"), std::string::npos);
  }
  EXPECT_TRUE(out.str().ends_with("\r\x1b[2K"));
}

}  // namespace
}  // namespace navkeeper::runtime
