// Needs the file that needs it.
import { ROUTES } from '.'

export const answer = () => Response.json({ routes: ROUTES.length })
