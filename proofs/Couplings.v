(** What couplings say: bounds by optimal transport, in any norm.

    pi, T       couplings of x and z: what W1 is the least of; that T is the least one is never used
    largest, least, \mean     see Searching.v and Norms.v *)

From mathcomp Require Import all_ssreflect all_algebra.
From Boundcheck Require Import Extrema Norms Upper Searching.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.TTheory GRing.Theory Num.Theory.
Local Open Scope ring_scope.
Local Open Scope norms_scope.

Section AnyNorm.
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.

(** A mean over one side is the coupling's. *)
Lemma mean_rows n p (pi : 'I_n.+1 -> 'I_p.+1 -> R) (F : 'I_n.+1 -> R) :
  (forall i, \sum_(j < p.+1) pi i j = n.+1%:R^-1) ->
  \mean_(i < n.+1) F i = \sum_(i < n.+1) \sum_(j < p.+1) pi i j * F i.
Proof. by move=> rows; rewrite meanE; apply: eq_bigr => i _; rewrite -mulr_suml rows. Qed.

Lemma mean_columns n p (pi : 'I_n.+1 -> 'I_p.+1 -> R) (F : 'I_p.+1 -> R) :
  (forall j, \sum_(i < n.+1) pi i j = p.+1%:R^-1) ->
  \mean_(j < p.+1) F j = \sum_(i < n.+1) \sum_(j < p.+1) pi i j * F j.
Proof.
by move=> columns; rewrite meanE exchange_big; apply: eq_bigr => j _; rewrite -mulr_suml columns.
Qed.

Lemma coupling_mono n p (pi F G : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall i j, 0 <= pi i j) -> (forall i j, F i j <= G i j) ->
  \sum_(i < n.+1) \sum_(j < p.+1) pi i j * F i j <= \sum_(i < n.+1) \sum_(j < p.+1) pi i j * G i j.
Proof. by move=> pi_ge0 leFG; do 2!apply: ler_sum => ? _; apply: ler_wpmul2l. Qed.

Lemma couplingZ n p (pi F : 'I_n.+1 -> 'I_p.+1 -> R) (c : R) :
  \sum_(i < n.+1) \sum_(j < p.+1) pi i j * (c * F i j) = c * \sum_(i < n.+1) \sum_(j < p.+1) pi i j * F i j.
Proof. by rewrite mulr_sumr; apply: eq_bigr => i _; rewrite mulr_sumr; apply: eq_bigr => j _; rewrite mulrCA. Qed.

(** Squared nearest distances are at most the largest distance K times the transport cost. *)
Lemma chamfer_squares n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (K : R) (pi : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall i j, N (x i - z j) <= K) -> (forall i j, 0 <= pi i j) ->
  (forall i, \sum_(j < p.+1) pi i j = n.+1%:R^-1) ->
  (forall j, \sum_(i < n.+1) pi i j = p.+1%:R^-1) ->
  \mean_(i < n.+1) nearest (fun v => N v ^+ 2) p z (x i) +
  \mean_(j < p.+1) (\big[Num.min/N (x ord0 - z j) ^+ 2]_(i < n.+1) N (x i - z j) ^+ 2) <=
  2%:R * (K * \sum_(i < n.+1) \sum_(j < p.+1) pi i j * N (x i - z j)).
Proof.
move=> leK pi_ge0 rows columns; rewrite mulr_natl mulr2n -couplingZ.
have sq i j : N (x i - z j) ^+ 2 <= K * N (x i - z j).
  by rewrite expr2; apply: ler_wpmul2r => //; apply: (norm_ge0 normD normZ).
apply: ler_add; [rewrite (mean_rows _ rows)|rewrite (mean_columns _ columns)]; apply: coupling_mono => // i j.
  by apply: le_trans (sq i j); apply: (bigmin_le (fun j => N (x i - z j) ^+ 2)).
by apply: le_trans (sq i j); apply: (bigmin_le (fun i => N (x i - z j) ^+ 2)).
Qed.

End AnyNorm.

(** A network for sets: a Lipschitz map of each point, the mean, and a Lipschitz map of that. *)
Lemma set_network (R : realFieldType) (V V' V'' : lmodType R) (N : V -> R) (N' : V' -> R) (N'' : V'' -> R)
    (phi : V -> V') (rho : V' -> V'') (L1 L2 : R) n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V)
    (pi : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  (forall u v, N' (phi u - phi v) <= L1 * N (u - v)) ->
  0 <= L2 -> (forall u v, N'' (rho u - rho v) <= L2 * N' (u - v)) ->
  (forall i j, 0 <= pi i j) -> (forall i, \sum_(j < p.+1) pi i j = n.+1%:R^-1) ->
  (forall j, \sum_(i < n.+1) pi i j = p.+1%:R^-1) ->
  N'' (rho (n.+1%:R^-1 *: \sum_(i < n.+1) phi (x i)) - rho (p.+1%:R^-1 *: \sum_(j < p.+1) phi (z j))) <=
  L2 * (L1 * \sum_(i < n.+1) \sum_(j < p.+1) pi i j * N (x i - z j)).
Proof.
move=> normD' normZ' lip1 L2_ge0 lip2 pi_ge0 rows columns.
apply: le_trans (lip2 _ _) _; apply: ler_wpmul2l => //.
apply: le_trans (transport normD' normZ' (phi \o x) (phi \o z) pi_ge0 rows columns) _.
by rewrite -couplingZ; apply: coupling_mono => // i j; apply: lip1.
Qed.

(** Two Lipschitz maps differ on one collection by little more than on another that is near. *)
Lemma domains (R : realFieldType) (V V' : lmodType R) (N : V -> R) (N' : V' -> R)
    (g h : V -> V') (K : R) n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (pi : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  (forall u v, N' (g u - g v) <= K * N (u - v)) -> (forall u v, N' (h u - h v) <= K * N (u - v)) ->
  (forall i j, 0 <= pi i j) -> (forall i, \sum_(j < p.+1) pi i j = n.+1%:R^-1) ->
  (forall j, \sum_(i < n.+1) pi i j = p.+1%:R^-1) ->
  \mean_(j < p.+1) N' (g (z j) - h (z j)) <=
  \mean_(i < n.+1) N' (g (x i) - h (x i)) + 2%:R * (K * \sum_(i < n.+1) \sum_(j < p.+1) pi i j * N (x i - z j)).
Proof.
move=> normD normZ normD' normZ' lip_g lip_h pi_ge0 rows columns.
rewrite (mean_columns _ columns) (mean_rows _ rows).
rewrite mulrA -couplingZ -big_split /=; apply: ler_sum => i _; rewrite -big_split /=; apply: ler_sum => j _.
rewrite -mulrDr; apply: ler_wpmul2l => //.
apply: le_trans (dist_triangle normD' (g (x i)) _ _) _.
apply: le_trans (ler_add (lexx _) (dist_triangle normD' (h (x i)) _ _)) _.
rewrite addrCA ler_add2l -mulrA mulr_natl mulr2n; apply: ler_add => //.
by rewrite (distC normZ').
Qed.

(* ----------------------------------------------------------------------------------- the statements, as bounds say them *)

Theorem relaxed_transport (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (P : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= P i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) P i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) P i j = p.+1%:R^-1) ->
  Num.max (\mean_(i < n.+1) least p (fun j => N (x i - z j))) (\mean_(j < p.+1) least n (fun i => N (x i - z j))) <=
  \sum_(i < n.+1) \sum_(j < p.+1) P i j * N (x i - z j).
Proof.
move=> normD normZ n p x z P P_ge0 rows columns; rewrite le_maxl (mean_rows _ rows) (mean_columns _ columns).
apply/andP; split; apply: coupling_mono => // i j; first exact: (bigmin_le (fun j => N (x i - z j))).
exact: (bigmin_le (fun i => N (x i - z j))).
Qed.

Set Warnings "-inconsistent-scopes".
Section Inside.
Variables (R : realFieldType) (V : lmodType R) (N : V -> R).
Hypothesis normD : forall u v, N (u + v) <= N u + N v.
Hypothesis normZ : forall (a : R) v, N (a *: v) = `|a| * N v.
Local Notation cost n p x z T := (\sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j)) (only parsing).
Local Notation cheapest n p x z T := (forall T' : 'I_n.+1 -> 'I_p.+1 -> R,
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) -> cost n p x z T <= cost n p x z T') (only parsing).

Theorem chamfer_transport n p (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (T : 'I_n.+1 -> 'I_p.+1 -> R) :
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) -> cheapest n p x z T ->
  \mean_(i < n.+1) least p (fun j => N (x i - z j) ^+ 2) + \mean_(j < p.+1) least n (fun i => N (x i - z j) ^+ 2) <=
  2%:R * Num.max (largest n (fun i => largest p (fun j => N (x i - z j))))
    (Num.max (largest n (fun i => largest n (fun i' => N (x i - x i'))))
             (largest p (fun j => largest p (fun j' => N (z j - z j'))))) * cost n p x z T.
Proof.
move=> T_ge0 rows columns _; rewrite -mulrA; apply: (chamfer_squares normD normZ) => // i j.
by rewrite le_maxr (le_bigmax2 (fun i j => N (x i - z j))).
Qed.

Theorem sum_transport n (x z : 'I_n.+1 -> V) (T : 'I_n.+1 -> 'I_n.+1 -> R) :
  (forall (i : 'I_n.+1) (j : 'I_n.+1), 0 <= T i j) ->
  (forall (i : 'I_n.+1), \sum_(j < n.+1) T i j = n.+1%:R^-1) ->
  (forall (j : 'I_n.+1), \sum_(i < n.+1) T i j = n.+1%:R^-1) -> cheapest n n x z T ->
  N ((\sum_(i < n.+1) x i) - (\sum_(j < n.+1) z j)) <= n.+1%:R * cost n n x z T.
Proof.
move=> T_ge0 rows columns _; rewrite mulrC -ler_pdivr_mulr ?size_gt0 // mulrC.
have := transport normD normZ x z T_ge0 rows columns.
by rewrite -scalerBr normZ ger0_norm // size_inv_ge0.
Qed.

End Inside.

Theorem encoded_mean (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R),
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  forall (g : V -> V') (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (L : R) (T : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
  (forall T' : 'I_n.+1 -> 'I_p.+1 -> R, (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) ->
    (forall (i : 'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) ->
    (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
    \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j)) ->
  0 <= L -> (forall u v, N' (g u - g v) <= L * N (u - v)) ->
  N' (n.+1%:R^-1 *: (\sum_(i < n.+1) g (x i)) - p.+1%:R^-1 *: (\sum_(j < p.+1) g (z j))) <=
  L * \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j).
Proof.
move=> normD normZ V' N' normD' normZ' g n p x z L T T_ge0 rows columns _ L_ge0 lip.
apply: le_trans (transport normD' normZ' (g \o x) (g \o z) T_ge0 rows columns) _.
by rewrite -couplingZ; apply: coupling_mono => // i j; apply: lip.
Qed.

(** Two Lipschitz maps into one space: how far they are apart on one collection, and on another. *)
Theorem domain_adaptation (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R),
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  forall (h h' : V -> V') (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (K : R) (T : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
  (forall T' : 'I_n.+1 -> 'I_p.+1 -> R, (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) ->
    (forall (i : 'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) ->
    (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
    \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j)) ->
  0 <= K -> (forall u v, N' (h u - h v) <= K * N (u - v)) ->
  0 <= K -> (forall u v, N' (h' u - h' v) <= K * N (u - v)) ->
  \mean_(j < p.+1) N' (h (z j) - h' (z j)) <=
  \mean_(i < n.+1) N' (h (x i) - h' (x i)) + 2%:R * K * \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j).
Proof.
move=> normD normZ V' N' normD' normZ' h h' n p x z K T T_ge0 rows columns _ _ lip _ lip'; rewrite -mulrA.
exact: (domains x z normD normZ normD' normZ' lip lip' T_ge0 rows columns).
Qed.

Theorem deep_sets (R : realFieldType) (V : lmodType R) (N : V -> R) :
  (forall u v, N (u + v) <= N u + N v) -> (forall (a : R) v, N (a *: v) = `|a| * N v) ->
  forall (V' : lmodType R) (N' : V' -> R),
  (forall u v, N' (u + v) <= N' u + N' v) -> (forall (a : R) v, N' (a *: v) = `|a| * N' v) ->
  forall (V'' : lmodType R) (N'' : V'' -> R),
  (forall u v, N'' (u + v) <= N'' u + N'' v) -> (forall (a : R) v, N'' (a *: v) = `|a| * N'' v) ->
  forall (rho : V' -> V'') (phi : V -> V') (n p : nat) (x : 'I_n.+1 -> V) (z : 'I_p.+1 -> V) (L1 L2 : R)
    (T : 'I_n.+1 -> 'I_p.+1 -> R),
  (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T i j) ->
  (forall (i : 'I_n.+1), \sum_(j < p.+1) T i j = n.+1%:R^-1) ->
  (forall (j : 'I_p.+1), \sum_(i < n.+1) T i j = p.+1%:R^-1) ->
  (forall T' : 'I_n.+1 -> 'I_p.+1 -> R, (forall (i : 'I_n.+1) (j : 'I_p.+1), 0 <= T' i j) ->
    (forall (i : 'I_n.+1), \sum_(j < p.+1) T' i j = n.+1%:R^-1) ->
    (forall (j : 'I_p.+1), \sum_(i < n.+1) T' i j = p.+1%:R^-1) ->
    \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j) <= \sum_(i < n.+1) \sum_(j < p.+1) T' i j * N (x i - z j)) ->
  0 <= L1 -> (forall u v, N' (phi u - phi v) <= L1 * N (u - v)) ->
  0 <= L2 -> (forall u v, N'' (rho u - rho v) <= L2 * N' (u - v)) ->
  N'' (rho (n.+1%:R^-1 *: (\sum_(i < n.+1) phi (x i))) - rho (p.+1%:R^-1 *: (\sum_(j < p.+1) phi (z j)))) <=
  L2 * L1 * \sum_(i < n.+1) \sum_(j < p.+1) T i j * N (x i - z j).
Proof.
move=> normD normZ V' N' normD' normZ' V'' N'' _ _ rho phi n p x z L1 L2 T T_ge0 rows columns _ _ lip1 L2_ge0 lip2.
rewrite -mulrA; exact: (set_network x z normD' normZ' lip1 L2_ge0 lip2 T_ge0 rows columns).
Qed.
