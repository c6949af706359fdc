#pragma once
// How a use case posts what a policy decided into a fund's stored books.
//
// One call is one transaction: all entries or none, each under its source key once, with the lots that are
// taken and made in both books, the share register, the closed periods, and one audit record. An adapter that
// keeps rows of its own beside the entries (the stage of a distribution, what was accrued to date) uses
// post_drafts() of adapters/books_store.h inside its own transaction: the same promises.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/model/actor.h"
#include "common/time/instant.h"
#include "services/nav/domain/books/event.h"
#include "services/nav/domain/books/place.h"
#include "services/nav/domain/policy/entry_draft.h"

namespace navkeeper::nav {

/// Coins that leave. The books take lots for them (sale rule for a swap, in-kind rule else), credit the
/// position and book value - cost as realised gain of the cause; the value is debited, in dollars, to
/// `against`: the payable that they pay, "Conversion:TOKEN" of the token they are swapped into.
struct DraftDelivery {
  policy::CoinDelivery coins;
  std::string against;
  books::Place place;
};

/// A lot that comes in with the draft's own postings: those debit the position account (position_account())
/// with its coins and Conversion:COIN with its cost. Refused where the draft's coins and its lots do not
/// foot.
struct DraftReceipt {
  policy::LotReceipt lot;
  books::Place place;
  books::FlowCause cause = books::FlowCause::kReceipt;
};

/// Lots changed without a disposal: a migration, a spin-off, the accretion of a token's cost. Per book, since
/// each has lots of its own; the draft's postings are those of the GAAP book.
struct LotAdjustment {
  books::Book book = books::Book::kGaap;
  std::string asset;
  std::optional<std::uint64_t> lot;    ///< an open one; none: a new lot
  books::Place place;                  ///< tax book: where the lot lies
  money::Decimal quantity;             ///< whole coins, positive: more
  money::Decimal cost;                 ///< dollars, positive: more
  std::optional<time::Date> acquired;  ///< of a new lot
};

struct DraftToPost {
  policy::EntryDraft entry;  ///< balances by itself; may have no postings where deliveries make them
  std::string kind;          ///< one word for the journal: "fee_accrued", "distribution_ex"; empty: "draft"
  std::vector<DraftReceipt> receipts;
  std::vector<DraftDelivery> deliveries;
  std::vector<LotAdjustment> adjustments;
  money::Decimal shares_change;       ///< whole shares; never of a split
  std::optional<books::Split> split;  ///< the draft is a share split and nothing else
};

/// As an event of the books.
books::Event event_of(const DraftToPost& draft, const std::vector<books::AssetDefinition>& new_assets);

struct PostRequest {
  explicit PostRequest(model::FundId fund_, model::ActorId actor_, time::Instant known_at_)
      : fund(std::move(fund_)), actor(std::move(actor_)), known_at(known_at_) {}
  model::FundId fund;
  model::ActorId actor;
  time::Instant known_at;
  std::string source;                              ///< with each draft's source_id the key: "fees"
  std::vector<books::AssetDefinition> new_assets;  ///< counted from now on; those already counted are skipped
  std::vector<DraftToPost> drafts;                 ///< in order; trade dates may lie before earlier postings
};

struct Posted {
  std::size_t posted = 0;
  std::size_t unchanged = 0;  ///< the same source key with the same content
};

/// Coins of one account and state.
struct PlacedCoins {
  books::Place place;
  money::Decimal quantity;  ///< whole coins
};

/// An open lot of a book.
struct OpenLot {
  std::uint64_t lot = 0;
  books::Place place;  ///< tax book; the account alone
  policy::HeldLot held;
};

class BooksPoster {
 public:
  virtual ~BooksPoster() = default;
  /// Throws base::Refused naming the entry and the rule, base::Conflict, base::Unavailable, base::InDoubt.
  /// Nothing is posted then (after InDoubt: perhaps; the same request again tells).
  virtual Posted post(const PostRequest& request) = 0;
  /// By age.
  virtual std::vector<OpenLot> open_lots(const model::FundId& fund, books::Book book,
                                         const std::string& asset) = 0;
};

}  // namespace navkeeper::nav
