// A real OpenID provider (oidc-provider, certified) on loopback, with invented people; one JSON object says how.
// {"issuer", "port", "client_id", "client_secret", "returns_to", "people": {"<login>": {"email", "email_verified"}}}
import { Provider } from 'oidc-provider';

const told = JSON.parse(process.argv[2]);
const provider = new Provider(told.issuer, {
  clients: [{
    client_id: told.client_id,
    client_secret: told.client_secret,
    redirect_uris: [told.returns_to],
    post_logout_redirect_uris: [told.returns_to.replace(/\/login\/.*/, '/login')],
    response_types: ['code'],
    grant_types: ['authorization_code'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  pkce: { required: () => true },
  cookies: { keys: ['a key for tests'] },
  async findAccount(_ctx, login) {
    const known = told.people[login];
    return known && { accountId: login, async claims() { return { sub: login, ...known }; } };
  },
});
provider.on('server_error', (_ctx, error) => console.error(error));
provider.listen(told.port, '127.0.0.1', () => console.log('ready'));
