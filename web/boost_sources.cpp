// The compiled parts of Boost libraries that are used without a library file
// of their own: Boost.URL here; Boost.Asio's stand with the event loop.
#include <boost/url/src.hpp>
