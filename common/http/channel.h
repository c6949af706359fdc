#pragma once
// Channel: texts for everybody who listens at the moment. A route whose answer names a channel turns its
// connection into a websocket (RFC 6455) on which each text published from then on is one message; what the
// client sends is ignored. A listener that reads more slowly than is published is cut off by its own bounded
// queue (ServerLimits): nobody waits for it.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace navkeeper::http {

class Channel {
 public:
  using Text = std::shared_ptr<const std::string>;
  /// Must not block, and not call back into the channel.
  using Deliver = std::function<void(const Text&)>;

  /// To all who listen; may be called by any thread.
  void publish(std::string text);
  std::size_t listeners() const;

  std::uint64_t listen(Deliver deliver);
  /// After it returned `deliver` is not called any more.
  void leave(std::uint64_t listener);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, Deliver> listeners_;
  std::uint64_t last_ = 0;
};

}  // namespace navkeeper::http
