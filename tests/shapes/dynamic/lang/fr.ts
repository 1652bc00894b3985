export const hello = 'Bonjour'
