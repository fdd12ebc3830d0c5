// Whoever can talk to this server can type into its agents. It listens on loopback, and here web pages of others are kept
// out: a browser sends requests and opens websockets to 127.0.0.1 for any page, but it says for which (Origin, Host).
const LOCAL = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** The request names us as the host, and comes from our own page or from no page at all. */
function isLocal({ headers: { host = '', origin } }) {
  return LOCAL.test(host) && (origin === undefined || origin === `http://${host}`);
}

/** For express: 403 for all others. */
const localOnly = (request, response, next) =>
  isLocal(request) ? next() : response.status(403).end('not from this page\n');

module.exports = { isLocal, localOnly };
