#pragma once
// A fund's acts in memory, and books that say what a test sets.
#include <algorithm>

#include "services/nav/app/fund_acts.h"

namespace navkeeper::nav {

class MemoryActs final : public ActStore {
 public:
  std::vector<StoredAct> acts(const model::FundId&, time::Instant) override { return stored; }
  std::optional<StoredAct> find_act(const model::FundId&, const std::string& id, time::Instant) override {
    const auto found =
        std::find_if(stored.begin(), stored.end(), [&](const StoredAct& act) { return act.act.id == id; });
    return found == stored.end() ? std::nullopt : std::optional(*found);
  }
  BooksSight books_on(const model::FundId&, time::Date, books::Basis) override { return sight; }
  std::vector<OpenLot> open_lots(const model::FundId&, books::Book, const std::string&,
                                 std::optional<time::Date>) override {
    return {};
  }
  CoinsThere coins_at(const model::FundId&, const std::string&, std::optional<time::Date>) override {
    return {};
  }
  void add_act(const model::FundId&, const NewAct& act, const ActStamp& stamp) override {
    StoredAct added(stamp.actor);
    added.act = act.act;
    added.content = act.content;
    added.proposed_at = stamp.now;
    stored.push_back(added);
  }
  void add_decision(const model::FundId&, const StoredAct& act, bool is_approved,
                    const ActStamp& stamp) override {
    (is_approved ? of(act).approved_by : of(act).withdrawn_by) = stamp.actor;
  }
  void add_step(const FundDefinition&, const StoredAct& act, const StepToTake& step,
                const ActStamp&) override {
    of(act).steps.push_back(step.step);
    taken.push_back(step);
  }

  void add_undo(const model::FundId&, const StoredAct& act, const std::string& reason,
                const ActStamp& stamp) override {
    ActUndo undo(stamp.actor);
    undo.reason = reason;
    undo.asked_at = stamp.now;
    of(act).undo = undo;
  }
  LateReport decide_undo(const FundDefinition&, const StoredAct& act, bool is_approved,
                         const ActStamp& stamp) override {
    StoredAct& kept = of(act);
    (is_approved ? kept.undo->approved_by : kept.undo->withdrawn_by) = stamp.actor;
    if (is_approved) kept.undone = std::exchange(kept.steps, {});
    return {};
  }

  std::vector<StoredAct> stored;
  std::vector<StepToTake> taken;
  BooksSight sight;

 private:
  StoredAct& of(const StoredAct& act) {
    return *std::find_if(stored.begin(), stored.end(),
                         [&](const StoredAct& each) { return each.act.id == act.act.id; });
  }
};

}  // namespace navkeeper::nav
