#include "services/nav/app/fund_facts.h"

#include <algorithm>
#include <utility>

#include "common/base/ensure.h"
#include "common/base/refuse.h"
#include "services/nav/app/ports.h"

namespace navkeeper::nav {

using money::Decimal;
using policy::EntryDraft;
using policy::kDollars;

namespace {

constexpr const char* kCash = "Assets:Cash";

}  // namespace

time::Date first_open_day(time::Date date, std::optional<time::Date> last_struck,
                          std::optional<time::Date> closed_through) {
  if (last_struck) date = std::max(date, *last_struck + 1);
  if (closed_through) date = std::max(date, *closed_through + 1);
  return date;
}

namespace {

/// Decides one fact; each member answers for one kind.
class Decider {
 public:
  Decider(const FundDefinition& fund, const FundFact& fact, const FactSight& sight)
      : fund_(fund), fact_(fact), sight_(sight) {
    if (fact.date < fund.inception)
      base::refuse("date", "is before the fund's inception " + fund.inception.to_string());
    decision_.book_date = first_open_day(fact.date, sight.last_struck(), sight.closed_through());
    if (fact.books_on) decision_.book_date = *fact.books_on;
  }

  FactDecision decide() {
    std::visit([&](const auto& what) { on(what); }, fact_.what);
    for (DraftToPost& draft : decision_.drafts) {
      draft.kind = std::string(fact_.kind());
      draft.entry.book_date = decision_.book_date;
      draft.entry.settlement_date = decision_.book_date;
    }
    return std::move(decision_);
  }

 private:
  void on(const ExpenseIncurred& expense) {
    const auto payers = base::value_or_refuse(payer_table(fund_.policies, fund_.inception));
    policy::IncurredExpense incurred{expense.type,
                                     expense.name,
                                     fact_.date,
                                     fact_.id,
                                     expense.amount,
                                     expense.coins,
                                     expense.is_charged_to_fund};
    const auto booking = base::value_or_refuse(policy::book_incurred(payers, incurred));
    check_size(expense.coins ? "quantity" : "amount",
               expense.coins ? dollars_of(expense.coins->quantity, expense.coins->price) : expense.amount);
    decision_.borne_by_fund =
        booking.payer == policy::Payer::kFund && booking.entry
            ? policy::sum_of(*booking.entry, policy::expense_account(expense.name), kDollars)
            : Decimal{};
    if (!booking.entry) return;
    DraftToPost& draft = add(*booking.entry);
    if (booking.delivery)
      draft.deliveries.push_back({*booking.delivery, policy::payable_account(expense.name), {}});
  }

  void on(const ExpensePaid& paid) {
    const std::string account = payable_of(paid.name, paid.payee);
    check_dollars(paid.amount);
    check_owed(account, kDollars, paid.amount);
    add(draft("paid").debit(account, kDollars, paid.amount).credit(kCash, kDollars, paid.amount));
  }

  void on(const ExpensePaidInCoins& paid) {
    const std::string account = payable_of(paid.name, paid.payee);
    if (!paid.quantity.is_positive()) base::refuse("quantity", "is not positive");
    if (!paid.price.is_positive()) base::refuse("price", "is not positive");
    const bool is_coin_fee = std::any_of(
        fund_.policies.fees.begin(), fund_.policies.fees.end(), [&](const policy::ExpenseRule& fee) {
          return fee.name == paid.name && fee.paid_in && fee.paid_in->value() == paid.asset;
        });
    if (is_coin_fee) return settle(paid, account);
    const Decimal value =
        money::multiply(paid.quantity, paid.price, policy::kDollarDecimals, money::Rounding::kHalfEven);
    check_owed(account, kDollars, value);
    add(draft("paid in " + paid.asset))
        .deliveries.push_back(
            {{paid.asset, paid.quantity, value, policy::DeliveryCause::kExpense}, account, {}});
  }

  void settle(const ExpensePaidInCoins& paid, const std::string& account) {
    check_owed(account, paid.asset, paid.quantity);
    policy::CoinPayable payable{paid.name, account, paid.asset, {}, {}, {}};
    payable.carrying =
        -sight_.balance(policy::payable_conversion(paid.asset, paid.name), std::string(kDollars));
    payable.accrued =
        payable.carrying - sight_.balance(policy::payable_unrealised(paid.name), std::string(kDollars));
    // Of all payees together: their dollars stand on the fee's one conversion.
    payable.quantity = sight_.balance(policy::payable_conversion(paid.asset, paid.name), paid.asset);
    auto settled =
        base::value_or_refuse(policy::settle(payable, paid.quantity, paid.price, fact_.date, fact_.id));
    add(std::move(settled.entry)).deliveries.push_back({settled.delivery, account, {}});
  }

  void on(const AdviserPaid& paid) {
    check_dollars(paid.amount);
    if (sight_.balance(policy::kAdviserReceivable, std::string(kDollars)) < paid.amount)
      base::refuse("amount", "is more than the adviser owes");
    add(draft("received from adviser")
            .debit(kCash, kDollars, paid.amount)
            .credit(policy::kAdviserReceivable, kDollars, paid.amount));
  }

  void on(const FeeReturned& returned) {
    const std::string fee =
        payable_of(returned.name, returned.payee).substr(policy::payable_account("").size());
    const std::string account = policy::fee_receivable_account(fee);
    check_dollars(returned.amount);
    if (sight_.balance(account, std::string(kDollars)) < returned.amount)
      base::refuse("amount", "is more than was paid too much of " + fee);
    add(draft("returned").debit(kCash, kDollars, returned.amount).credit(account, kDollars, returned.amount));
  }

  void on(const policy::RewardEvent& event) {
    auto decided = base::value_or_refuse(
        policy::recognise(fund_.policies.rewards, sight_.reward(event.reward_id), event));
    check_size("gross", dollars_of(event.gross, event.price));
    if (decided.entry) {
      EntryDraft entry = *decided.entry;
      entry.source_id = fact_.id;
      DraftToPost& draft = add(std::move(entry));
      for (const policy::LotReceipt& lot : decided.receipts)
        draft.receipts.push_back({lot, event.place, books::FlowCause::kReward});
    }
    decision_.reward = std::move(decided);
  }

  void on(const PenaltySuffered& penalty) {
    if (!penalty.quantity.is_positive()) base::refuse("quantity", "is not positive");
    check_place(penalty.place);
    decision_.events.push_back(
        {fact_.date, books::Penalty{{penalty.asset, penalty.quantity, Decimal{}}}, penalty.place});
  }

  void on(const CoinsMoved& moved) {
    if (!moved.move.quantity.is_positive()) base::refuse("quantity", "is not positive");
    check_place(moved.move.from);
    check_place(moved.move.to);
    decision_.events.push_back({fact_.date, moved.move});
  }

  void on(const policy::Accretion& accretion) {
    const auto policy = fund_.policies.liquid_staking.find(accretion.token);
    if (policy == fund_.policies.liquid_staking.end())
      base::refuse("token", "the fund has no policy for " + accretion.token);
    policy::Accretion held = accretion;
    for (const OpenLot& lot : lots_of(books::Book::kGaap, accretion.token))
      held.quantity += lot.held.quantity;
    auto decided = base::value_or_refuse(policy::accrete(policy->second, held));
    if (policy->second == policy::AccretionPolicy::kUnrealised) return;  // The price says it.
    if (held.quantity.is_zero())
      base::refuse("token", "no " + accretion.token + " was held on " + fact_.date.to_string());
    check_follows(accretion);
    check_size("rate_after", decided.from_rate.abs());
    if (!decided.entry) return;  // The rate stayed.
    EntryDraft entry = *decided.entry;
    entry.source_id = fact_.id;
    DraftToPost& draft = add(std::move(entry));
    for (const books::Book book : {books::Book::kGaap, books::Book::kTax})
      spread(draft, book, accretion.token, decided.cost_change);
  }

  /// Those held on the fact's day that are there still.
  std::vector<OpenLot> lots_of(books::Book book, const std::string& token) const {
    auto lots = sight_.open_lots(book, token);
    std::erase_if(lots, [&](const OpenLot& lot) { return fact_.date < lot.held.acquired; });
    return lots;
  }

  /// A rate's rise is income once: each goes on where the last one ended.
  void check_follows(const policy::Accretion& accretion) const {
    const auto last = sight_.last_rate(accretion.token);
    if (!last) return;
    if (fact_.date < last->date)
      base::refuse("date", "is before that of the rate told last, " + last->date.to_string());
    if (accretion.rate_before != last->rate)
      base::refuse("rate_before", "is " + accretion.rate_before.to_string() +
                                      ", and the rate told last, of " + last->date.to_string() + ", is " +
                                      last->rate.to_string());
  }

  /// The change of cost over the lots by quantity, the remainder to the oldest.
  void spread(DraftToPost& draft, books::Book book, const std::string& token, const Decimal& change) {
    const auto lots = lots_of(book, token);
    if (lots.empty()) return;
    Decimal quantity;
    for (const OpenLot& lot : lots) quantity += lot.held.quantity;
    std::vector<Decimal> parts;
    Decimal given;
    for (const OpenLot& lot : lots) {
      parts.push_back(money::mul_div(change, lot.held.quantity, quantity, policy::kDollarDecimals,
                                     money::Rounding::kDown));
      given += parts.back();
    }
    parts.front() += change - given;
    for (std::size_t i = 0; i < lots.size(); ++i) {
      if ((lots[i].held.cost + parts[i]).is_negative())
        base::refuse("rate_after", "takes " + parts[i].abs().to_string() + " from lot " +
                                       std::to_string(lots[i].lot) + ", which cost " +
                                       lots[i].held.cost.to_string());
    }
    for (std::size_t i = 0; i < lots.size(); ++i)
      draft.adjustments.push_back({book, token, lots[i].lot, lots[i].place, {}, parts[i], std::nullopt});
  }

  void on(const policy::LiquidStakingSwap& swap) {
    const auto decided = base::value_or_refuse(policy::swap_into(swap));
    check_size("coins_in", dollars_of(swap.coins_in, swap.coin_price));
    const auto token = std::find_if(fund_.assets.begin(), fund_.assets.end(), [&](const FundAsset& asset) {
      return asset.asset.value() == swap.token;
    });
    if (token == fund_.assets.end()) base::refuse("token", "the fund has no asset " + swap.token);
    decision_.new_assets.push_back({swap.token, token->decimals});
    const policy::LotReceipt& lot = decided.receipt;
    // The token's dollars come from the delivery: it debits them to the token's conversion.
    DraftToPost& posted = add(draft(swap.coin + " swapped into " + swap.token)
                                  .debit(policy::coin_account(lot.asset), lot.asset, lot.quantity)
                                  .credit(policy::coin_conversion(lot.asset), lot.asset, lot.quantity));
    posted.receipts.push_back({lot, {}, books::FlowCause::kReceipt});
    posted.deliveries.push_back({decided.delivery, policy::coin_conversion(lot.asset), {}});
  }

  EntryDraft draft(const std::string& description) const {
    return policy::entry_on(fact_.date, fact_.id, description);
  }
  DraftToPost& add(EntryDraft entry) {
    DraftToPost draft;
    draft.entry = std::move(entry);
    decision_.drafts.push_back(std::move(draft));
    return decision_.drafts.back();
  }
  std::string payable_of(const std::string& name, const std::string& payee) const {
    if (!policy::is_account_name(name)) base::refuse("name", "is no name of an account");
    if (!payee.empty() && !policy::is_account_name(payee)) base::refuse("payee", "is no name of an account");
    return policy::payable_account(name) + (payee.empty() ? "" : ":" + payee);
  }
  static void check_place(const books::Place& place) {
    if (place.account.size() > books::kPlaceLengthMax) base::refuse("place", "is too long");
  }
  static Decimal dollars_of(const Decimal& quantity, const Decimal& price) {
    return money::multiply(quantity, price, policy::kDollarDecimals, money::Rounding::kHalfEven);
  }
  /// No single fact is worth more than the whole fund was at its last NAV.
  void check_size(const char* key, const Decimal& dollars) const {
    const auto net_assets = sight_.last_net_assets();
    if (net_assets && dollars > *net_assets)
      base::refuse(key, "is worth " + dollars.to_string() +
                            " dollars, more than the whole fund at its last NAV: " + net_assets->to_string());
  }
  static void check_dollars(const Decimal& amount) {
    if (!amount.is_positive()) base::refuse("amount", "is not positive");
    if (amount.scale() > policy::kDollarDecimals) base::refuse("amount", "has more than two decimals");
  }
  void check_owed(const std::string& account, std::string_view commodity, const Decimal& amount) const {
    const Decimal owed = -sight_.balance(account, std::string(commodity));
    if (owed < amount)
      base::refuse(account, "pays " + amount.to_string() + " " + std::string(commodity) + " and owes " +
                                owed.to_string());
  }

  const FundDefinition& fund_;
  const FundFact& fact_;
  const FactSight& sight_;
  FactDecision decision_;
};

}  // namespace

std::string_view FundFact::kind() const {
  static constexpr std::string_view kKinds[] = {"expense_incurred", "expense_paid", "expense_paid_in_coins",
                                                "adviser_paid",     "fee_returned", "reward",
                                                "penalty",          "token_rate",   "token_swap",
                                                "transfer"};
  static_assert(std::size(kKinds) == std::variant_size_v<decltype(what)>);
  return kKinds[what.index()];
}

base::Checked<FactDecision> decide_fact(const FundDefinition& fund, const FundFact& fact,
                                        const FactSight& sight) {
  auto decided = base::checked([&] { return Decider(fund, fact, sight).decide(); });
  if (decided.has_error())
    return decided.error().within((fact.place.empty() ? "" : fact.place + ": ") + "fact " + fact.id);
  return decided;
}

FactReport record_facts(FactStore& store, NavStore& navs, const model::FundId& fund,
                        const std::vector<FundFact>& facts, const model::Actor& actor, time::Instant now) {
  model::require_role(actor, {model::Role::kOperator, model::Role::kService}, "record facts");
  const auto stored = navs.latest_definition(fund);
  if (!stored) base::refuse(fund.value(), "is not a known fund");
  if (facts.empty()) base::refuse(fund.value(), "no fact was given");
  return store.record(stored->definition, facts, actor.id, now);
}

}  // namespace navkeeper::nav
