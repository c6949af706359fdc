#pragma once
// A peer service that may not be there: its address and token are asked for when the first request is made.
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "common/base/secret.h"
#include "common/http/client.h"

namespace navkeeper::http {

/// Threads may share one.
class OptionalPeer {
 public:
  /// `url` and `token` are called once, when the first request is made; an empty address: there is no such
  /// peer.
  OptionalPeer(std::function<std::string()> url, std::function<base::Secret()> token,
               std::chrono::milliseconds total_timeout)
      : url_(std::move(url)), token_of_(std::move(token)), total_timeout_(total_timeout) {}

  /// Null: there is none.
  Client* client() {
    const std::lock_guard lock(mutex_);
    if (!is_asked_) {
      const std::string url = url_ ? url_() : std::string();
      if (!url.empty()) {
        ClientOptions options;
        options.base_url = url;
        options.total_timeout = total_timeout_;
        if (token_of_) token_ = token_of_();
        client_ = std::make_unique<Client>(options);
      }
      is_asked_ = true;
    }
    return client_.get();
  }
  /// Of the peer that client() gave.
  const base::Secret& token() const { return token_; }

 private:
  std::function<std::string()> url_;
  std::function<base::Secret()> token_of_;
  std::chrono::milliseconds total_timeout_;
  std::mutex mutex_;
  bool is_asked_ = false;
  std::unique_ptr<Client> client_;
  base::Secret token_;
};

}  // namespace navkeeper::http
