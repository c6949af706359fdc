// Files that are compiled as one text (navkeeper_sources in cmake/navkeeper.cmake) see each other's local
// names: a call may bind to a neighbour's function without a word from the compiler. It happened: a local
// `quoted` took the place of a header's. So no file of a text may name what is local to another and not
// declared in the file itself.
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace navkeeper {
namespace {

namespace fs = std::filesystem;
using Words = std::set<std::string>;

fs::path top_dir() {
  const char* dir = std::getenv("NAVKEEPER_SOURCE_DIR");
  return dir != nullptr ? fs::path(dir) : fs::current_path();
}

std::string whole(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool is_word(char letter) { return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_'; }

/// Where the comment, string or character literal that begins at `at` ends; `at` itself where none begins
/// there.
std::size_t past_literal(const std::string& text, std::size_t at) {
  const auto end_of = [&](const std::string& mark, std::size_t from) {
    const auto end = text.find(mark, from);
    return end == std::string::npos ? text.size() : end + mark.size();
  };
  if (text.compare(at, 2, "//") == 0) return std::min(text.find('\n', at), text.size());
  if (text.compare(at, 2, "/*") == 0) return end_of("*/", at + 2);
  if (text.compare(at, 2, "R\"") == 0 && (at == 0 || !is_word(text[at - 1]))) {
    const auto open = std::min(text.find('(', at), text.size());
    return end_of(")" + text.substr(at + 2, open - at - 2) + "\"", open);
  }
  const char quote = text[at];
  if (quote != '"' && (quote != '\'' || (at > 0 && is_word(text[at - 1])))) return at;
  for (++at; at < text.size() && text[at] != quote; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

/// The text without comments, the insides of literals and preprocessor lines.
std::string bare(const std::string& text) {
  std::string kept;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '#' && (kept.empty() || kept.back() == '\n')) {
      at = std::min(text.find('\n', at), text.size());
    } else if (const auto past = past_literal(text, at); past > at) {
      at = past;
      kept += ' ';
    } else {
      kept += text[at++];
    }
  }
  return kept;
}

/// What a line at the outermost level of an unnamed namespace declares; nothing when it declares nothing
/// there.
std::string declared_by(const std::string& line) {
  static const std::regex kType(R"(^(?:template <.*> )?(?:struct|class|enum class|enum|union) (\w+))");
  static const std::regex kAlias(R"(^(?:using|namespace) (\w+) =)");
  std::smatch match;
  if (std::regex_search(line, match, kType) || std::regex_search(line, match, kAlias)) return match[1];
  if (line.empty() || std::isalpha(static_cast<unsigned char>(line[0])) == 0) return {};
  static const std::regex kFirst(R"(^[^(={;]*[\s&*>](\w+)\s*[(={;\[])");
  return std::regex_search(line, match, kFirst) ? match[1].str() : std::string();
}

/// The names in the unnamed namespaces of a file.
Words local_names(const std::string& text) {
  static const std::regex kUnnamed(R"(^\s*namespace \{)");
  Words names;
  std::vector<int> unnamed;  // depths at which unnamed namespaces began
  int depth = 0;
  std::stringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (std::regex_search(line, kUnnamed)) {
      unnamed.push_back(depth);
    } else if (!unnamed.empty() && depth == unnamed.back() + 1) {
      if (const auto name = declared_by(line); !name.empty()) names.insert(name);
    }
    for (const char letter : line) {
      if (letter == '{') ++depth;
      if (letter != '}') continue;
      --depth;
      if (!unnamed.empty() && depth == unnamed.back()) unnamed.pop_back();
    }
  }
  return names;
}

/// The words of a file, those after `.`, `->` and `::` left out.
Words words_of(const std::string& text) {
  Words words;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    const auto begin = at;
    while (at < text.size() && is_word(text[at])) ++at;
    const std::string before = text.substr(begin < 2 ? 0 : begin - 2, begin < 2 ? begin : 2);
    if (before.ends_with('.') || before == "->" || before == "::") continue;
    words.insert(text.substr(begin, at - begin));
  }
  return words;
}

/// Whether a file declares a name of its own in some scope: a parameter, a variable, a function, a binding.
bool declares(const std::string& text, const std::string& name) {
  static const std::regex kNoType(R"(\b(return|throw|else|co_return|case)\b)");
  const std::string types = std::regex_replace(text, kNoType, "");
  const std::regex plain(R"([\w>&*\])]\s+[&*]?)" + name + R"(\b\s*[;,={()\[:])");
  const std::regex binding(R"(\[[^\]\n;(){}]*\b)" + name + R"(\b[^\]\n;(){}]*\]\s*[=:])");
  return std::regex_search(types, plain) || std::regex_search(text, binding);
}

struct File {
  std::string path;
  std::string text;
  Words local;
  Words words;
};

File read(const fs::path& path) {
  File file{path.string(), bare(whole(path)), {}, {}};
  file.local = local_names(file.text);
  file.words = words_of(file.text);
  return file;
}

/// The names that `user` borrows from `owner`.
std::vector<std::string> borrowed(const File& owner, const File& user) {
  std::vector<std::string> names;
  for (const auto& name : owner.local) {
    if (!user.local.contains(name) && user.words.contains(name) && !declares(user.text, name)) {
      names.push_back(name);
    }
  }
  return names;
}

/// The texts that a CMakeLists.txt declares, each with the files that are joined in it.
std::vector<std::vector<fs::path>> texts_of(const fs::path& list) {
  static const std::regex kTarget(R"(navkeeper_(?:library|sources)\(\s*\w+([^)]*)\))");
  static const std::set<std::string> kOthers{"ALONE", "USES", "PRIVATE_USES"};
  std::vector<std::vector<fs::path>> texts;
  const std::string all = whole(list);
  for (std::sregex_iterator it(all.begin(), all.end(), kTarget), end; it != end; ++it) {
    std::stringstream words((*it)[1].str());
    std::string word;
    bool joined = false;
    while (words >> word) {
      if (word == "SOURCES" || word == "NEXT") {
        joined = true;
        texts.emplace_back();
      } else if (kOthers.contains(word)) {
        joined = false;
      } else if (joined && word.find('$') == std::string::npos) {
        texts.back().push_back(list.parent_path() / word);
      }
    }
  }
  return texts;
}

TEST(Texts, NoFileNamesWhatIsLocalToItsNeighbour) {
  int joined = 0;
  for (const char* root : {"common", "services"}) {
    for (const auto& entry : fs::recursive_directory_iterator(top_dir() / root)) {
      if (entry.path().filename() != "CMakeLists.txt" && entry.path().extension() != ".cmake") continue;
      for (const auto& text : texts_of(entry.path())) {
        std::vector<File> files;
        for (const auto& path : text) files.push_back(read(path));
        joined += static_cast<int>(files.size());
        for (const File& owner : files) {
          for (const File& user : files) {
            if (&owner == &user) continue;
            for (const auto& name : borrowed(owner, user)) {
              ADD_FAILURE() << user.path << " says `" << name << "`, which is local to " << owner.path
                            << " in the same text: rename it, or part the two with NEXT";
            }
          }
        }
      }
    }
  }
  EXPECT_GT(joined, 300);
}

TEST(Texts, ABorrowedNameIsSeen) {
  const auto file = [](std::string text) {
    File made{"", bare(text), {}, {}};
    made.local = local_names(made.text);
    made.words = words_of(made.text);
    return made;
  };
  const File owner =
      file("namespace nk {\nnamespace {\nstd::string quoted(int x) {\n  return {};\n}\n}  // namespace\n}\n");
  EXPECT_EQ(owner.local, Words{"quoted"});
  EXPECT_EQ(borrowed(owner, file("void f() { g(quoted(1)); }")), std::vector<std::string>{"quoted"});
  EXPECT_TRUE(borrowed(owner, file("void f() { db::quoted(1); x.quoted(2); }  // quoted")).empty());
  EXPECT_TRUE(borrowed(owner, file("void f(bool quoted) { g(quoted); }")).empty());
  EXPECT_TRUE(
      borrowed(owner, file("namespace {\nint quoted(char c) {\n}\n}\nint f() { return quoted('\"'); }"))
          .empty());
}

}  // namespace
}  // namespace navkeeper
