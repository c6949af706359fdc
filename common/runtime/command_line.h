#pragma once
// The command line: commands, their options and their help. A thin compiled front over CLI11, whose header
// costs every file that includes it many seconds to compile; command_line.cpp alone does.
//
// Options are bound to variables that outlive parse(); what is wrong with a value is a usage error (exit 2),
// before anything is opened.
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace navkeeper::runtime {

/// A check of one value: empty when the text is right, else what is wrong with it. options.h has more.
struct OptionCheck {
  std::function<std::string(const std::string&)> test;
  std::string description;  ///< shown in the help
};

OptionCheck one_of(std::initializer_list<std::string> words);
OptionCheck in_range(std::int64_t least, std::int64_t most);  ///< whole numbers, both included
OptionCheck positive_number();
OptionCheck non_negative_number();

class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}
  Option* required();
  Option* check(const OptionCheck& check);
  Option* check(std::string (*test)(const std::string&)) { return check({test, {}}); }
  Option* option_text(const std::string& text);  ///< shown in the help in place of type and default
  Option* capture_default_str();                 ///< the help shows the variable's value as the default
  Option* excludes(Option* other);
  Option* needs(Option* other);
  Option* expected(int values);  ///< how many values one use of it takes
  Option* take_all();            ///< repeated: all values, in order
  std::size_t count() const;     ///< values given

 private:
  CLI::Option& option_;
};

class Command {
 public:
  explicit Command(CLI::App& app);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  Command* add_subcommand(const std::string& name, const std::string& description);
  /// Options of which exactly one must be given.
  Command* add_alternatives(const std::string& name, const std::string& description);
  /// "--name" for an option, "name" for a positional word. `value` outlives parse().
  Option* add_option(const std::string& name, std::string& value, const std::string& description);
  Option* add_option(const std::string& name, std::vector<std::string>& value,
                     const std::string& description);
  Option* add_option(const std::string& name, int& value, const std::string& description);
  Option* add_option(const std::string& name, unsigned& value, const std::string& description);
  Option* add_option(const std::string& name, std::int64_t& value, const std::string& description);
  Option* add_option(const std::string& name, std::uint64_t& value, const std::string& description);
  Option* add_option(const std::string& name, std::uint16_t& value, const std::string& description);
  Option* add_flag(const std::string& name, bool& value, const std::string& description);
  void callback(std::function<void()> run);
  /// Below the help of this command, before the root's footer, which every command shows.
  void footer(const std::string& text);
  void require_subcommand(int least = 1);
  /// Options of this command may stand behind its subcommands too.
  void fallthrough();
  /// --version prints it.
  void version(const std::string& text);

 private:
  Option* keep(CLI::Option* option);

  CLI::App& app_;
  std::vector<std::unique_ptr<Command>> commands_;
  std::vector<std::unique_ptr<Option>> options_;
};

/// What became of a command line.
struct Parsed {
  enum class Outcome { kRun, kHelp, kUsageError };
  Outcome outcome = Outcome::kRun;
  std::string text{};  ///< the help (or the version), or what is wrong with the command line
};

/// The root of all commands.
class CommandLine {
 public:
  CommandLine(const std::string& description, const std::string& name);
  ~CommandLine();
  Command& root();
  /// Runs the callback of the command that `words` (without the program's name) name; what it throws passes
  /// through.
  Parsed parse(const std::vector<std::string>& words);

 private:
  std::unique_ptr<CLI::App> app_;
  std::unique_ptr<Command> root_;
};

}  // namespace navkeeper::runtime
