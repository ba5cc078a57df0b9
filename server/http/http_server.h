// SPDX-License-Identifier: Apache-2.0
// The operational HTTP listener: a table of GET routes.
//
// Room http: the only room that includes Beast and Asio. Uses base; what it serves is passed in.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace vigie::http {

// An answer.
struct Page {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// A path and what it answers to GET and HEAD. `make` runs on the listener's thread, one call at a
// time.
struct Route {
  std::string path;
  std::function<Page()> make;
};

// Serves the routes with one thread. Bounded: header size, connections, time for each request.
class HttpServer {
 public:
  // `listen`: `127.0.0.1:0`. UNAVAILABLE when it cannot listen there.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& listen,
                                                                         std::vector<Route> routes);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] int port() const;
  // Ends the thread; connections are cut. Idempotent.
  void Stop();

 private:
  struct Listener;
  HttpServer();
  std::unique_ptr<Listener> listener_;
};

}  // namespace vigie::http
