#include "common/runtime/command_line.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <utility>

namespace navkeeper::runtime {
namespace {

/// CLI11's own check as one of ours.
OptionCheck of_library(const CLI::Validator& validator) {
  return {[validator](const std::string& text) {
            std::string value = text;
            return validator(value);
          },
          validator.get_description()};
}

/// CLI11 asks for what is missing before it says what it did not know: that alone is then the fault.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error) {
  std::string message = error.what();
  const std::vector<std::string> unknown = app.remaining(true);
  if (error.get_name() == "RequiredError" && !unknown.empty())
    message = "'" + unknown.front() + "' is not known here";
  return message;
}

}  // namespace

OptionCheck one_of(std::initializer_list<std::string> words) {
  return of_library(CLI::IsMember(std::vector<std::string>(words)));
}
OptionCheck in_range(std::int64_t least, std::int64_t most) { return of_library(CLI::Range(least, most)); }
OptionCheck positive_number() { return of_library(CLI::PositiveNumber); }
OptionCheck non_negative_number() { return of_library(CLI::NonNegativeNumber); }

Option* Option::required() {
  option_.required();
  return this;
}
Option* Option::check(const OptionCheck& check) {
  option_.check(check.test, check.description);
  return this;
}
Option* Option::option_text(const std::string& text) {
  option_.option_text(text);
  return this;
}
Option* Option::capture_default_str() {
  option_.capture_default_str();
  return this;
}
Option* Option::excludes(Option* other) {
  option_.excludes(&other->option_);
  return this;
}
Option* Option::needs(Option* other) {
  option_.needs(&other->option_);
  return this;
}
Option* Option::expected(int values) {
  option_.expected(values);
  return this;
}
Option* Option::take_all() {
  option_.multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return this;
}
std::size_t Option::count() const { return option_.count(); }

Command::Command(CLI::App& app) : app_(app) {}
Command::~Command() = default;

Option* Command::keep(CLI::Option* option) {
  return options_.emplace_back(std::make_unique<Option>(*option)).get();
}

Command* Command::add_subcommand(const std::string& name, const std::string& description) {
  return commands_.emplace_back(std::make_unique<Command>(*app_.add_subcommand(name, description))).get();
}
Command* Command::add_alternatives(const std::string& name, const std::string& description) {
  CLI::Option_group* group = app_.add_option_group(name, description);
  group->require_option(1);
  return commands_.emplace_back(std::make_unique<Command>(*group)).get();
}
Option* Command::add_option(const std::string& name, std::string& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, std::vector<std::string>& value,
                            const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, int& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, unsigned& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, std::int64_t& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, std::uint64_t& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_option(const std::string& name, std::uint16_t& value, const std::string& description) {
  return keep(app_.add_option(name, value, description));
}
Option* Command::add_flag(const std::string& name, bool& value, const std::string& description) {
  return keep(app_.add_flag(name, value, description));
}
void Command::callback(std::function<void()> run) { app_.callback(std::move(run)); }
void Command::footer(const std::string& text) {
  const CLI::App* root = &app_;
  while (root->get_parent() != nullptr) root = root->get_parent();
  const std::string common = root == &app_ ? "" : root->get_footer();
  const char* between = text.ends_with('\n') ? "\n" : "\n\n";
  app_.footer(common.empty() ? text : text + between + common);
}
void Command::require_subcommand(int least) { app_.require_subcommand(least); }
void Command::fallthrough() { app_.fallthrough(); }
void Command::version(const std::string& text) {
  app_.set_version_flag("--version", text, "Print the version and end");
}

CommandLine::CommandLine(const std::string& description, const std::string& name)
    : app_(std::make_unique<CLI::App>(description, name)), root_(std::make_unique<Command>(*app_)) {}
CommandLine::~CommandLine() = default;

Command& CommandLine::root() { return *root_; }

Parsed CommandLine::parse(const std::vector<std::string>& words) {
  try {
    app_->parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) return {Parsed::Outcome::kUsageError, usage_error(*app_, error)};
    std::ostringstream help;
    app_->exit(error, help, help);
    return {Parsed::Outcome::kHelp, help.str()};
  }
  return {};
}

}  // namespace navkeeper::runtime
