import settings, { greetings } from './settings.json'

export default {
  fetch(request: Request) {
    const language = request.headers.get('accept-language')?.slice(0, 2) ?? settings.fallback
    return new Response(greetings[language as keyof typeof greetings] ?? greetings.en)
  },
}
