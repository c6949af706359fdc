#include "services/nav/app/next_steps.h"

#include "common/base/ensure.h"

namespace navkeeper::nav {
namespace {

constexpr std::string_view kProgram = "navkeeper ";

std::string about(const RunLine& line) { return line.fund.value() + " " + line.date.to_string(); }

std::string run_again(const RunLine& line) {
  return "navkeeper nav run --date " + line.date.to_string() + " --fund " + line.fund.value() + " --as MAKER";
}

/// The command that a refusal names, or running it again.
std::string command_in(const RunLine& line) {
  const auto begin = line.message.find(kProgram);
  if (begin == std::string::npos) return run_again(line);
  auto end = line.message.find_first_of(";)", begin);
  const auto words = line.message.find(" makes it", begin);
  if (words < end) end = words;
  return line.message.substr(begin, end == std::string::npos ? end : end - begin);
}

void add_overrides(std::vector<NextStep>& steps, const RunLine& line, const std::vector<std::string>& checks,
                   const char* what) {
  for (const std::string& check : checks)
    steps.push_back(
        {line.fund, line.date, "two approvers, not " + line.nav->struck_by.value(), std::string(what) + check,
         "navkeeper nav override " + about(line) + " --check '" + check + "' --reason WHY --as APPROVER"});
}

void add_life(std::vector<NextStep>& steps, const RunLine& line) {
  const StoredNav& nav = *line.nav;
  switch (nav.state()) {
    case NavState::kDrafted:
      add_overrides(steps, line, nav.standing_failures(), "failed, look at it with nav explain: ");
      return;
    case NavState::kChecked:
      steps.push_back({line.fund, line.date, "an approver, not " + nav.struck_by.value(),
                       "checked, waits for approval",
                       "navkeeper nav approve " + about(line) + " --as APPROVER"});
      return;
    case NavState::kApproved:
      add_overrides(steps, line, nav.standing_unavailable(), "could not be measured: ");
      if (steps.empty())
        steps.push_back({line.fund, line.date, "an approver or operator, not " + nav.struck_by.value(),
                         "approved, waits to be published",
                         "navkeeper nav publish " + about(line) + " --as APPROVER"});
      return;
    case NavState::kPublished:
      return;
  }
  ENSURE(false);
}

}  // namespace

std::vector<NextStep> next_steps(const RunLine& line) {
  std::vector<NextStep> steps;
  switch (line.outcome) {
    case RunOutcome::kStruck:
    case RunOutcome::kUnchanged:
    case RunOutcome::kOpen:
      if (line.nav) add_life(steps, line);
      if (!line.who.empty()) steps.push_back({line.fund, line.date, line.who, line.message, line.command});
      return steps;
    case RunOutcome::kWaiting:
      steps.push_back({line.fund, line.date, "who keeps the prices", line.message, command_in(line)});
      return steps;
    case RunOutcome::kUnavailable:
      steps.push_back({line.fund, line.date, "who runs the services", line.message, run_again(line)});
      return steps;
    case RunOutcome::kRefused:
      steps.push_back({line.fund, line.date, "a maker", line.message, command_in(line)});
      return steps;
    case RunOutcome::kClosed:
      return steps;
  }
  ENSURE(false);
}

std::vector<NextStep> next_steps(const std::vector<RunLine>& lines) {
  std::vector<NextStep> all;
  for (const bool is_act : {true, false}) {
    for (const RunLine& line : lines) {
      if (is_act == line.who.empty()) continue;
      std::vector<NextStep> steps = next_steps(line);
      all.insert(all.end(), std::make_move_iterator(steps.begin()), std::make_move_iterator(steps.end()));
    }
  }
  return all;
}

}  // namespace navkeeper::nav
