#pragma once
// Questions to one execution client: what blocks of ours brought. Throws base::Unavailable where it does not
// answer, base::Refused where its answer is not believed.
#include <memory>

#include "services/staking/adapters/chain_node.h"
#include "services/staking/domain/ether/tips.h"

namespace navkeeper::staking::ether {

class ExecutionClient {
 public:
  ExecutionClient(std::string name, std::shared_ptr<http::NodeCarrier> carrier)
      : node_(std::move(name), std::move(carrier)) {}

  const std::string& name() const { return node_.name(); }
  /// The block, its receipts, and what the recipient held before and behind it where the node keeps that.
  SeenTips tips(const OwnBlock& block, const std::vector<std::string>& own);
  std::vector<model::NodeAnswer> take_raw() { return node_.take_raw(); }

 private:
  std::string call(std::string_view method, const std::string& parameters);
  std::optional<Wei> balance(const std::string& address, std::uint64_t number);
  http::Node node_;
};

}  // namespace navkeeper::staking::ether
