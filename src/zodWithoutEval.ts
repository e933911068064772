import { z } from 'zod';

// The page's policy forbids code made of text. Zod would try it once, and the browser would report that.
z.config({ jitless: true });
