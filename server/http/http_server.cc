// SPDX-License-Identifier: Apache-2.0
#include "http/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>

#include "base/cat.h"
#include "base/limits.h"
#include "base/log_line.h"

namespace vigie::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
using Request = bhttp::request<bhttp::empty_body>;
using Response = bhttp::response<bhttp::string_body>;

Page Answer(const Request& request, const std::vector<Route>& routes) {
  if (request.method() != bhttp::verb::get && request.method() != bhttp::verb::head) {
    return {.status = 405, .body = "only GET and HEAD are served here\n"};
  }
  const auto target = request.target();
  const auto path = target.substr(0, target.find('?'));
  for (const Route& route : routes) {
    if (path == beast::string_view(route.path)) return route.make();
  }
  std::string known = "not found; there is";
  for (const Route& route : routes) known += " " + route.path;
  return {.status = 404, .body = known + "\n"};
}

// What a request over a limit is told; nothing where the peer left, was too slow, or does not speak
// HTTP.
std::optional<Page> Refusal(const beast::error_code& error) {
  if (error == bhttp::error::header_limit) {
    return Page{.status = 431,
                .body = base::Cat("headers: want at most ", base::kMaxHttpHeaderBytes, " bytes\n")};
  }
  if (error == bhttp::error::body_limit) {
    return Page{.status = 413, .body = "body: want none; only GET and HEAD are served here\n"};
  }
  return std::nullopt;
}

Response Build(const Request& request, Page page) {
  Response response(static_cast<bhttp::status>(page.status), request.version());
  response.set(bhttp::field::content_type, page.content_type);
  response.set(bhttp::field::cache_control, "no-store");
  if (page.status == 405) response.set(bhttp::field::allow, "GET, HEAD");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(page.body);
  response.prepare_payload();
  if (request.method() == bhttp::verb::head) response.body().clear();
  return response;
}

}  // namespace

struct HttpServer::Listener {
  explicit Listener(std::vector<Route> served) : routes(std::move(served)) {}

  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(beast::tcp_stream stream);

  const std::vector<Route> routes;
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  int connections = 0;  // Only touched on the listener's thread.
  std::thread thread;
};

asio::awaitable<void> HttpServer::Listener::Accept() {
  for (;;) {
    auto [error, socket] = co_await acceptor.async_accept(kAwait);
    if (error == asio::error::operation_aborted) co_return;
    if (error || connections >= base::kMaxHttpConnections) continue;
    ++connections;
    asio::co_spawn(context, Serve(beast::tcp_stream(std::move(socket))),
                   [this](const std::exception_ptr& failed) {
                     --connections;
                     if (failed) base::Log(base::Level::kError, "http", "a request failed inside");
                   });
  }
}

asio::awaitable<void> HttpServer::Listener::Serve(beast::tcp_stream stream) {
  beast::flat_buffer buffer;
  for (;;) {
    bhttp::request_parser<bhttp::empty_body> parser;
    parser.header_limit(base::kMaxHttpHeaderBytes);
    parser.body_limit(0);
    stream.expires_after(std::chrono::milliseconds(base::kHttpDeadlineMs));
    const auto [read_error, read_bytes] =
        co_await bhttp::async_read(stream, buffer, parser, kAwait);
    std::optional<Page> page = Refusal(read_error);
    if (read_error && !page.has_value()) co_return;
    const Request request = parser.release();
    if (!page.has_value()) page = Answer(request, routes);
    Response response = Build(request, *std::move(page));
    if (read_error) response.keep_alive(false);
    stream.expires_after(std::chrono::milliseconds(base::kHttpDeadlineMs));
    const auto [write_error, written] = co_await bhttp::async_write(stream, response, kAwait);
    if (write_error || !response.keep_alive()) break;
  }
  beast::error_code ignored;
  stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

HttpServer::HttpServer() = default;

HttpServer::~HttpServer() { Stop(); }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& listen,
                                                              std::vector<Route> routes) {
  const auto cannot = [&listen](const beast::error_code& error) {
    return absl::UnavailableError(
        base::Cat("http_listen: cannot listen on ", listen, " (", error.message(), ")"));
  };
  const auto colon = listen.rfind(':');
  beast::error_code error;
  std::string host = listen.substr(0, colon);
  if (!host.empty() && host.front() == '[') host = host.substr(1, host.size() - 2);
  const auto address = asio::ip::make_address(host, error);
  if (error || colon == std::string::npos) return cannot(error);
  const tcp::endpoint endpoint(
      address, static_cast<unsigned short>(std::strtoul(listen.c_str() + colon + 1, nullptr, 10)));
  std::unique_ptr<HttpServer> server(new HttpServer());
  server->listener_ = std::make_unique<Listener>(std::move(routes));
  tcp::acceptor& acceptor = server->listener_->acceptor;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return cannot(error);
  Listener* listener = server->listener_.get();
  asio::co_spawn(listener->context, listener->Accept(), asio::detached);
  listener->thread = std::thread([listener] { listener->context.run(); });
  return server;
}

int HttpServer::port() const {
  beast::error_code error;
  return listener_->acceptor.local_endpoint(error).port();
}

void HttpServer::Stop() {
  if (listener_ == nullptr) return;
  listener_->context.stop();
  if (listener_->thread.joinable()) listener_->thread.join();
}

}  // namespace vigie::http
