// The one translation unit that compiles Asio's sources, in a build without net.
#include <boost/asio/impl/src.hpp>
