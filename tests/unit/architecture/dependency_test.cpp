// Reads the dependency table out of ARCHITECTURE.md and checks every #include of the tree against it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace navkeeper {
namespace {

namespace fs = std::filesystem;

fs::path source_dir() {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  return dir != nullptr ? fs::path(dir) : fs::current_path();
}

struct OutsideRule {
  std::string prefix;  ///< of the header's name
  std::string where;   ///< a part of the path of the files that may include it; empty: all of the row's files
};

struct Row {
  std::string folder;  ///< "common/money", "services/*/domain"
  std::vector<std::string> ours;
  std::vector<OutsideRule> outside;
  bool anything_outside = false;
};

std::vector<std::string> backticked(const std::string& cell) {
  static const std::regex kCode("`([^`]+)`");
  std::vector<std::string> words;
  for (std::sregex_iterator it(cell.begin(), cell.end(), kCode), end; it != end; ++it)
    words.push_back((*it)[1]);
  return words;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::stringstream stream(line);
  std::string cell;
  while (std::getline(stream, cell, '|')) cells.push_back(cell);
  return cells;
}

std::vector<OutsideRule> outside_rules(const std::string& cell) {
  static const std::regex kRule("`([^`]+)`(?: in `([^`]+)`)?");
  std::vector<OutsideRule> rules;
  for (std::sregex_iterator it(cell.begin(), cell.end(), kRule), end; it != end; ++it) {
    rules.push_back({(*it)[1], (*it)[2]});
  }
  return rules;
}

std::vector<Row> read_table(std::istream& text) {
  std::vector<Row> rows;
  std::string line;
  bool inside = false;
  while (std::getline(text, line)) {
    if (line.rfind("| a file in |", 0) == 0) {
      inside = true;
      std::getline(text, line);
      continue;
    }
    if (!inside) continue;
    if (line.empty() || line[0] != '|') break;
    const auto cells = cells_of(line);
    if (cells.size() < 4) continue;
    Row row;
    row.folder = backticked(cells[1]).at(0);
    row.ours = backticked(cells[2]);
    row.outside = outside_rules(cells[3]);
    row.anything_outside = cells[3].find("anything") != std::string::npos;
    rows.push_back(row);
  }
  return rows;
}

bool below(const std::string& path, const std::string& folder) {
  return path == folder || path.rfind(folder + "/", 0) == 0;
}

/// The row's folder with its `*` bound to the service of `path`, when the row is about that path.
std::optional<std::string> bound(const std::string& folder, const std::string& path) {
  const auto star = folder.find('*');
  if (star == std::string::npos) return below(path, folder) ? std::optional(std::string()) : std::nullopt;
  const std::string before = folder.substr(0, star);
  if (path.rfind(before, 0) != 0) return std::nullopt;
  const auto end = path.find('/', before.size());
  if (end == std::string::npos) return std::nullopt;
  const std::string service = path.substr(before.size(), end - before.size());
  return below(path, before + service + folder.substr(star + 1)) ? std::optional(service) : std::nullopt;
}

std::string with_service(std::string folder, const std::string& service) {
  const auto star = folder.find('*');
  if (star != std::string::npos) folder.replace(star, 1, service);
  return folder;
}

class Table {
 public:
  explicit Table(std::vector<Row> rows) : rows_(std::move(rows)) {}

  /// Nothing when `file` may include `header` (`quoted`: with "..."); else why not.
  std::optional<std::string> refusal(const std::string& file, const std::string& header, bool quoted) const {
    for (const Row& row : rows_) {
      const auto service = bound(row.folder, file);
      if (!service) continue;
      return quoted ? refuse_ours(row, *service, file, header) : refuse_outside(row, file, header);
    }
    return "no row of the table is about this file";
  }

 private:
  static std::optional<std::string> refuse_ours(const Row& row, const std::string& service,
                                                const std::string& file, const std::string& header) {
    const std::string own = with_service(row.folder, service);
    if (below(header, own)) return std::nullopt;
    for (const std::string& allowed : row.ours) {
      if (below(header, with_service(allowed, service))) return std::nullopt;
    }
    return file + " may not include \"" + header + "\"";
  }

  static std::optional<std::string> refuse_outside(const Row& row, const std::string& file,
                                                   const std::string& header) {
    if (row.anything_outside) return std::nullopt;
    static const std::regex kStandard("[a-z0-9_]+");
    if (std::regex_match(header, kStandard)) return std::nullopt;
    static const std::regex kPosix("(sys|netinet|arpa|linux)/[a-z_]+\\.h|[a-z_]+\\.h");
    static const std::set<std::string> kNotPosix{"simdjson.h", "zlib.h"};
    const bool inner = file.find("/domain/") != std::string::npos || file.find("/app/") != std::string::npos;
    if (!inner && std::regex_match(header, kPosix) && !kNotPosix.contains(header)) return std::nullopt;
    for (const OutsideRule& rule : row.outside) {
      if (header.rfind(rule.prefix, 0) == 0 && file.find(rule.where) != std::string::npos)
        return std::nullopt;
    }
    return file + " may not include <" + header + ">";
  }

  std::vector<Row> rows_;
};

Table table_of_the_house() {
  std::ifstream text(source_dir() / "ARCHITECTURE.md");
  auto rows = read_table(text);
  EXPECT_GE(rows.size(), 15U) << "the dependency table of ARCHITECTURE.md was not found";
  return Table(std::move(rows));
}

TEST(DependencyTable, EveryIncludeOfTheTreeIsAllowed) {
  const Table table = table_of_the_house();
  static const std::regex kInclude(R"re(^\s*#\s*include\s*([<"])([^>"]+)[>"])re");
  int files = 0;
  int includes = 0;
  for (const char* root : {"common", "services", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source_dir() / root)) {
      const auto extension = entry.path().extension();
      if (extension != ".cpp" && extension != ".h") continue;
      // Other people's packages, which npm installs there.
      if (entry.path().string().find("/node_modules/") != std::string::npos) continue;
      ++files;
      const std::string file = fs::relative(entry.path(), source_dir()).generic_string();
      std::ifstream text(entry.path());
      std::string line;
      while (std::getline(text, line)) {
        std::smatch match;
        if (!std::regex_search(line, match, kInclude)) continue;
        ++includes;
        const bool quoted = match[1] == "\"";
        if (const auto refusal = table.refusal(file, match[2], quoted)) ADD_FAILURE() << *refusal;
      }
    }
  }
  EXPECT_GT(files, 20);
  EXPECT_GT(includes, 60);
}

/// The sources under `root` with one of these extensions, other people's packages left out.
std::vector<fs::path> files_of_the_tree(std::initializer_list<const char*> roots, const std::string& name) {
  std::vector<fs::path> files;
  for (const char* root : roots) {
    for (const auto& entry : fs::recursive_directory_iterator(source_dir() / root)) {
      const std::string path = entry.path().string();
      if (path.find("/node_modules/") != std::string::npos || !path.ends_with(name)) continue;
      files.push_back(entry.path());
    }
  }
  return files;
}

// Two types of one name in one namespace are undefined behaviour that neither compiler nor linker reports
// where no file includes both headers. It happened: custody's RawAnswer.
TEST(Names, ATypeHasOneDefinitionInItsNamespace) {
  static const std::regex kNamespace(R"(^namespace (navkeeper[\w:]*) \{)");
  static const std::regex kType(R"(^(?:struct|class|enum class) (\w+)(?: final)?(?: : [^;{]*)? \{)");
  std::map<std::string, std::string> defined_in;
  for (const fs::path& path : files_of_the_tree({"common", "services"}, ".h")) {
    std::ifstream text(path);
    std::string line;
    std::string space;
    while (std::getline(text, line)) {
      std::smatch match;
      if (std::regex_search(line, match, kNamespace)) space = match[1];
      if (!std::regex_search(line, match, kType)) continue;
      const std::string name = space + "::" + match[1].str();
      const auto [other, is_new] = defined_in.emplace(name, path.string());
      if (!is_new) ADD_FAILURE() << name << " is defined in " << other->second << " and in " << path.string();
    }
  }
  EXPECT_GT(defined_in.size(), 300U);
}

// The benchmarks' lists are not read by the build that the tests run in.
TEST(Names, ATargetIsDeclaredOnce) {
  static const std::regex kTarget(R"(^navkeeper_(?:library|test|bench|fuzz)\((\w+))");
  std::map<std::string, std::string> declared_in;
  for (const char* name : {"CMakeLists.txt", ".cmake"}) {
    for (const fs::path& path : files_of_the_tree({"common", "services", "tests"}, name)) {
      std::ifstream text(path);
      std::string line;
      while (std::getline(text, line)) {
        std::smatch match;
        if (!std::regex_search(line, match, kTarget)) continue;
        const auto [other, is_new] = declared_in.emplace(match[1], path.string());
        if (!is_new)
          ADD_FAILURE() << match[1] << " is declared in " << other->second << " and in " << path.string();
      }
    }
  }
  EXPECT_GT(declared_in.size(), 100U);
}

TEST(DependencyTable, RefusesWhatTheHouseForbids) {
  const Table table = table_of_the_house();
  EXPECT_TRUE(table.refusal("services/nav/domain/x.cpp", "services/pricing/domain/rate.h", true));
  EXPECT_TRUE(table.refusal("services/nav/adapters/x.cpp", "services/pricing/service.h", true));
  EXPECT_TRUE(table.refusal("services/nav/domain/x.cpp", "services/nav/app/run.h", true));
  EXPECT_TRUE(table.refusal("services/nav/domain/x.cpp", "common/json/value.h", true));
  EXPECT_TRUE(table.refusal("services/nav/domain/x.cpp", "unistd.h", false));
  EXPECT_TRUE(table.refusal("services/nav/app/x.cpp", "pqxx/pqxx", false));
  EXPECT_TRUE(table.refusal("services/nav/adapters/routes.cpp", "pqxx/pqxx", false));
  EXPECT_TRUE(table.refusal("common/http/server.h", "boost/beast.hpp", false));
  EXPECT_TRUE(table.refusal("common/money/decimal.cpp", "common/json/value.h", true));
  EXPECT_TRUE(table.refusal("services/pricing/adapters/routes.cpp", "boost/beast.hpp", false));
  EXPECT_TRUE(table.refusal("services/pricing/service.cpp", "services/sandbox/world.h", true));
}

TEST(DependencyTable, AllowsWhatTheHouseNeeds) {
  const Table table = table_of_the_house();
  EXPECT_FALSE(table.refusal("services/nav/adapters/journal_store.cpp", "pqxx/pqxx", false));
  EXPECT_FALSE(table.refusal("services/nav/adapters/routes.cpp", "common/http/router.h", true));
  EXPECT_FALSE(table.refusal("common/http/server.cpp", "boost/beast.hpp", false));
  EXPECT_FALSE(table.refusal("services/navkeeper.cpp", "services/pricing/service.h", true));
  EXPECT_FALSE(table.refusal("tests/unit/x.cpp", "nlohmann/json.hpp", false));
}

}  // namespace
}  // namespace navkeeper
